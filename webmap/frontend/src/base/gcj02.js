/** The shift of GCJ-02 (火星坐标), as spatial/offsets.py has it: a test holds the two against each other. Pure. */

/** What stands before the addresses of tiles that are to be put back. */
export const SHIFTED = 'gcj02';

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
