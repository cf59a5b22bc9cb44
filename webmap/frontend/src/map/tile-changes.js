/**
 * Which tiles a change on the server touches. The same sums as the server's (spatial/cells.py), so that what is asked
 * for again is what is another one there; a test compares the two. Pure.
 */

/** The finest zoom of cells. At this one the server has counted in how far features reach into their neighbours. */
const BASE_ZOOM = 14;

/** Share of a tile's side that features of its neighbours may reach into it. */
const REACH = 1 / 16;

/**
 * @param {{minzoom: number, maxzoom: number, z: number, cells: [number, number][]}} change `cells`: columns and rows
 *   of zoom `z` in WebMercatorQuad
 * @param {{z: number, x: number, y: number}} tile
 */
export function touches({ minzoom, maxzoom, z, cells }, tile) {
  if (tile.z < minzoom || tile.z > maxzoom) return false;
  const side = 2 ** (tile.z - z); // of a cell, in tiles
  const near = z === BASE_ZOOM ? 0 : 1;
  const meets = tile.z >= z
    ? (cell, at) => Math.abs(Math.floor(at / side) - cell) <= near
    : (cell, at) => cell * side - REACH < at + 1 && (cell + 1) * side + REACH > at;
  return cells.some(([x, y]) => meets(x, tile.x) && meets(y, tile.y));
}

/** Names of the layers in an address of tiles: '/tiles/roads,water/{z}/{x}/{y}.mvt' holds roads and water. */
export function layersOf(url) {
  return new Set(/\/tiles\/([^/]+)\/\{z\}/.exec(url)?.[1].split(',') ?? []);
}

/** The tile of the finest zoom of cells that holds a place: degrees. */
export function tileAt(longitude, latitude) {
  const sine = Math.sin((latitude * Math.PI) / 180);
  const [x, y] = [longitude / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
  return { z: BASE_ZOOM, x: Math.floor(x * 2 ** BASE_ZOOM), y: Math.floor(y * 2 ** BASE_ZOOM) };
}
