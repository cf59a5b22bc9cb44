/** How large a cell of a tile is on the ground. Pure. */

/** Width of Web Mercator's square world at the equator, metres. */
const WORLD = 2 * Math.PI * 6_378_137;

/** A tile holds 32 × 32 cells, and none is finer than zoom 17: see tiles/cells.py. */
const FINER = 5;
const FINEST = 17;

const SQUARE_METRES_PER_HECTARE = 10_000;

/**
 * Side of a cell in metres, at the middle of its tile: within a tile of zoom 8 and more it differs by 1 % at most.
 * @param {{z: number, y: number}} tile zoom and row in WebMercatorQuad
 */
export function cellSide({ z, y }) {
  const middle = Math.PI * (1 - (2 * y + 1) / 2 ** z);
  return (WORLD / 2 ** Math.min(z + FINER, FINEST)) / Math.cosh(middle); // 1 / cosh(y) is the cosine of the latitude
}

/** Side of the cells around a latitude in degrees, at a zoom of tiles: metres, in round numbers. */
export function cellSideAt(latitude, z) {
  const angle = (latitude * Math.PI) / 180;
  const y = Math.floor(2 ** z * (0.5 - Math.asinh(Math.tan(angle)) / (2 * Math.PI)));
  return Number(cellSide({ z, y }).toPrecision(2));
}

/** Area of a cell in hectares. */
export function cellHectares(tile) {
  return cellSide(tile) ** 2 / SQUARE_METRES_PER_HECTARE;
}
