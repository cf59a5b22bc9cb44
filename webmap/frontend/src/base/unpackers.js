/**
 * What unpacks meshes and textures of 3D models: Draco and Basis Universal, both WebAssembly. loaders.gl would fetch them from
 * a host of its own when it meets the first one that is packed; these are ours.
 */
import Draco from 'draco-libs/draco_wasm_wrapper.js';
import dracoWasm from 'draco-libs/draco_decoder.wasm';
import Basis from 'basis-libs/basis_transcoder.js';
import basisWasm from 'basis-libs/basis_transcoder.wasm';

/** Addresses that the build writes are relative to the script. */
const beside = (path) => new URL(path, import.meta.url).href;

/** By the names under which loaders.gl looks for them; the large parts are fetched when the first one is wanted. */
export const UNPACKERS = {
  'draco_wasm_wrapper.js': Draco,
  'draco_decoder.wasm': beside(dracoWasm),
  'basis_transcoder.js': Basis,
  'basis_transcoder.wasm': beside(basisWasm),
};
