/** In place of the package meshoptimizer, which would compile WebAssembly as soon as it is loaded: our pages may not. */
export const MeshoptDecoder = {
  supported: false,
  ready: Promise.resolve(),
  decodeGltfBuffer() {
    throw new Error('Meshes packed by EXT_meshopt_compression cannot be read here.');
  },
};
