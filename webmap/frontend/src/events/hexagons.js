/**
 * A grid of hexagons (六边形) that no camera moves. Pure.
 *
 * The plane is that of Web Mercator, shrunk so that lengths are true at one latitude; corners point up. Columns `q` and
 * rows `r` are axial, rows grow to the north. spatial/queries/event_hexagons.py has the same sums.
 */

const EARTH = 6_378_137;
const ROOT = Math.sqrt(3);

/** Widths from one upright edge to the other, metres: each twice the one before. */
export const WIDTHS = Array.from({ length: 12 }, (_, step) => 50 * 2 ** step);

/** Least width on a screen of 1080 lines, pixels: a number of three digits fits in. */
const LEAST_PIXELS = 46;

/** The width of hexagons that a picture with so many metres to a pixel shows. */
export function widthFor(metresPerPixel, scale = 1) {
  return WIDTHS.find((width) => width >= LEAST_PIXELS * scale * metresPerPixel) ?? WIDTHS.at(-1);
}

const radians = (degrees) => (degrees * Math.PI) / 180;

/** Metres per metre of Web Mercator at a latitude in degrees. */
export const shrink = (latitude) => Math.cos(radians(latitude));

/** [x, y] in the shrunk plane, metres, of a place in degrees. */
export function planar(lon, lat, shrunk) {
  return [EARTH * radians(lon) * shrunk, EARTH * Math.asinh(Math.tan(radians(lat))) * shrunk];
}

/** Column and row of the hexagon that holds a point of the plane. */
export function hexagonAt(x, y, width) {
  const q = (x - y / ROOT) / width;
  const r = (y * 2) / (ROOT * width);
  const [nq, nr, ns] = [Math.floor(q + 0.5), Math.floor(r + 0.5), Math.floor(-q - r + 0.5)];
  const [dq, dr, ds] = [Math.abs(nq - q), Math.abs(nr - r), Math.abs(ns + q + r)];
  // Rounding may leave a sum that is not 0: what was rounded most gives way. The 0 is never a negative one.
  if (dq > dr && dq > ds) return [0 - nr - ns, nr];
  return dr > ds ? [nq, 0 - nq - ns] : [nq, nr];
}

/** The middle of a hexagon in the plane. */
export const middleOf = (q, r, width) => [width * (q + r / 2), (width * ROOT * r) / 2];

/** Degrees of a point of the plane: the other way of `planar`. */
export function degreesOf(x, y, shrunk) {
  return [(x / EARTH / shrunk) * (180 / Math.PI), Math.atan(Math.sinh(y / EARTH / shrunk)) * (180 / Math.PI)];
}

/** One number for column and row: |q|, |r| < 2²⁵, which holds hexagons of two metres. */
const key = (q, r) => q * 2 ** 26 + r;

/**
 * The cells that some places fall into.
 * @param {{lon: ArrayLike<number>, lat: ArrayLike<number>, length: number}} places degrees
 * @param {{width: number, latitude: number}} grid
 * @returns {{cellOf: Int32Array, q: number[], r: number[], middles: Float64Array}} for each place the number of its cell; of
 *   each cell column, row and, in pairs, the degrees of its middle
 */
export function cellsOf({ lon, lat, length }, { width, latitude }) {
  const shrunk = shrink(latitude);
  const numbers = new Map();
  const cellOf = new Int32Array(length);
  const [qs, rs] = [[], []];
  for (let index = 0; index < length; index += 1) {
    const [x, y] = planar(lon[index], lat[index], shrunk);
    const [q, r] = hexagonAt(x, y, width);
    let cell = numbers.get(key(q, r));
    if (cell === undefined) {
      cell = qs.length;
      numbers.set(key(q, r), cell);
      qs.push(q);
      rs.push(r);
    }
    cellOf[index] = cell;
  }
  return { cellOf, q: qs, r: rs, middles: middles(qs, rs, { width, latitude }) };
}

/** Degrees of the middles of cells, in pairs. */
export function middles(q, r, { width, latitude }) {
  const shrunk = shrink(latitude);
  const found = new Float64Array(q.length * 2);
  for (let cell = 0; cell < q.length; cell += 1) {
    found.set(degreesOf(...middleOf(q[cell], r[cell], width), shrunk), 2 * cell);
  }
  return found;
}

/** How many of the places from `start` to before `end` are in each of `cells`. */
export function countCells(cellOf, cells, start = 0, end = cellOf.length) {
  const counts = new Uint32Array(cells);
  for (let index = start; index < end; index += 1) counts[cellOf[index]] += 1;
  return counts;
}
