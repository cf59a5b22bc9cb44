/** The shift of GCJ-02 (火星坐标), as spatial/offsets.py has it: a test holds the two against each other. Pure. */

/** What stands before the addresses of tiles that are to be put back. */
export const SHIFTED = 'gcj02';

/** Pixels along the side of a tile. */
export const SIZE = 256;

const AXIS = 6_378_245;
const SQUARED = 0.00669342162296594323;

/** Within this box positions are shifted: west, south, east, north. */
const BOX = [72.004, 0.8293, 137.8347, 55.8271];

const wave = (height, at) => ((height * 2) / 3) * Math.sin(at * Math.PI);

/** Degrees by which a WGS 84 position lies elsewhere on a public Chinese map: [longitude, latitude]. */
export function gcj02Shift(longitude, latitude) {
  const [west, south, east, north] = BOX;
  if (longitude < west || longitude > east || latitude < south || latitude > north) return [0, 0];
  const [x, y] = [longitude - 105, latitude - 35];
  const [root, product] = [Math.sqrt(Math.abs(x)), x * y];
  const fast = wave(20, 6 * x) + wave(20, 2 * x);
  const across = 300 + x + 2 * y + 0.1 * x ** 2 + 0.1 * product + 0.1 * root + fast
    + wave(20, x) + wave(40, x / 3) + wave(150, x / 12) + wave(300, x / 30);
  const along = -100 + 2 * x + 3 * y + 0.2 * y ** 2 + 0.1 * product + 0.2 * root + fast
    + wave(20, y) + wave(40, y / 3) + wave(160, y / 12) + wave(320, y / 30);
  const angle = (latitude * Math.PI) / 180;
  const curve = 1 - SQUARED * Math.sin(angle) ** 2;
  const [radius, meridian] = [(AXIS / Math.sqrt(curve)) * Math.cos(angle), (AXIS * (1 - SQUARED)) / curve ** 1.5];
  return [across / radius, along / meridian].map((radians) => (radians * 180) / Math.PI);
}

/** Pixels by which the ground in the middle of a tile lies elsewhere on their map: east and south. */
export function shiftOf({ z, x, y }) {
  const world = SIZE * 2 ** z;
  const toLatitude = (row) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * row) / 2 ** z))) * 180) / Math.PI;
  const toPixel = (latitude) => (0.5 - Math.asinh(Math.tan((latitude * Math.PI) / 180)) / (2 * Math.PI)) * world;
  const [longitude, latitude] = [((x + 0.5) / 2 ** z) * 360 - 180, toLatitude(y + 0.5)];
  const [east, north] = gcj02Shift(longitude, latitude);
  return [(east / 360) * world, toPixel(latitude + north) - toPixel(latitude)].map(Math.round);
}

/** Which of their tiles show the ground of one of ours: `{ x, y, left, top }`, pixels where each is drawn. */
export function piecesOf({ z, x, y }) {
  const [east, south] = shiftOf({ z, x, y });
  const [first, firstRow] = [east, south].map((shift) => Math.floor(shift / SIZE));
  const pieces = [];
  for (const column of [first, first + 1]) {
    for (const row of [firstRow, firstRow + 1]) {
      const [left, top] = [column * SIZE - east, row * SIZE - south];
      const inside = left > -SIZE && left < SIZE && top > -SIZE && top < SIZE;
      if (inside && x + column >= 0 && y + row >= 0 && x + column < 2 ** z && y + row < 2 ** z) {
        pieces.push({ x: x + column, y: y + row, left, top });
      }
    }
  }
  return pieces;
}
