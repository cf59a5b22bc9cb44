/** Draws one tileset. A file of its own, because what reads 3D Tiles is large: models.js loads it when it is wanted. */
import Tile3DLayer from 'tile-3d-layer';
import { Tiles3DLoader } from '@loaders.gl/3d-tiles';
import { Matrix4 } from '@math.gl/core';
import { fetchOwn } from './own-files.js';
import { liftedBy, withSingleContents } from './tileset.js';
import { UNPACKERS } from './unpackers.js';

/** Of 255: models come in colours of their own, and stand beside a city of greys. */
const POINTS = [190, 200, 210, 255];

/** Fetch a file of a tileset; a list of tiles in words that loaders.gl knows. */
async function fetchFile(url, options) {
  const answer = await fetchOwn(url, options);
  if (!answer.ok || !new URL(url, location.origin).pathname.endsWith('.json')) return answer;
  const document = await answer.json();
  if (document.root) document.root = withSingleContents(document.root);
  const read = new Response(JSON.stringify(document), { headers: { 'Content-Type': 'application/json' } });
  Object.defineProperty(read, 'url', { value: answer.url }); // what it refers to lies beside it
  return read;
}

/** deck.gl looks for what is in view when the camera moves. When the tileset comes later than the last move, nobody would. */
class ModelLayer extends Tile3DLayer {
  static layerName = 'ModelLayer';

  async _loadTileset(url) {
    await super._loadTileset(url);
    this._updateTileset(this.state?.lastUpdatedViewports);
  }
}

/**
 * @param {{name: string, tileset: string, imported_at: string}} model on record
 * @param {{lift: number, root: object, beforeId: string, onTileError: () => void}} drawn `lift`: metres
 */
export function modelLayer({ name, tileset, imported_at: imported }, { lift, root, beforeId, onTileError }) {
  return new ModelLayer({
    // Lifted otherwise, or imported anew, it is another tileset: files that are the same come out of the browser's cache.
    id: `model:${name}:${lift}:${imported}`,
    data: tileset,
    loader: Tiles3DLoader,
    loadOptions: {
      core: { fetch: fetchFile, worker: false },
      fetch: fetchFile,
      modules: UNPACKERS,
      tileset: { modelMatrix: new Matrix4(liftedBy(root, lift)), maximumMemoryUsage: 256 },
    },
    standsItself: true,
    unawaited: true, // large, and refined as long as anybody looks
    pickable: false,
    beforeId,
    getPointColor: POINTS,
    pointSize: 2,
    onTileError,
  });
}
