/**
 * Which tiles a change on the server touches: the same sums as the server's own. Pure.
 *
 * A change names cells, squares of WebMercatorQuad. It touches every tile of its layer and zooms that overlaps a cell
 * enlarged on each side by MARGIN of a tile of that tile's zoom, because features reach into their neighbour's buffer.
 */

/** Share of a tile's side. */
const MARGIN = 1 / 16;

/**
 * @param {{minzoom: number, maxzoom: number, z: number, cells: [number, number][]}} change `cells`: columns and rows
 *   of zoom `z`
 * @param {{z: number, x: number, y: number}} tile
 */
export function touches({ minzoom, maxzoom, z, cells }, tile) {
  if (tile.z < minzoom || tile.z > maxzoom) return false;
  const side = 2 ** (tile.z - z); // of a cell, in tiles; a power of two, so nothing below is rounded
  const overlaps = (cell, at) => cell * side - MARGIN <= at + 1 && (cell + 1) * side + MARGIN >= at;
  return cells.some(([x, y]) => overlaps(x, tile.x) && overlaps(y, tile.y));
}

/** Names of the layers in an address of tiles: '/tiles/roads,water/{z}/{x}/{y}.mvt' holds roads and water. */
export function layersOf(url) {
  return new Set(/\/tiles\/([^/]+)\/\{z\}/.exec(url)?.[1].split(',') ?? []);
}
