/**
 * 可读性: how large the wall's text must be to be read from the back of the room, and how much then fits. Pure.
 *
 * Text is told by the height of its digits and capitals, as ISO 9241-303 measures it; Chinese characters of the same type
 * are higher than that. All of a page is in rem: one rem is the size of its running text.
 */

/** Arc minutes: of running text where there is room, and what nothing that has to be read may fall short of. */
export const ROOMY = 26;
export const LEAST = 16;

/** A wall of which nobody has said anything: its picture's height and how far off people sit, metres. */
export const DEFAULT_WALL = { height_m: 2.4, distance_m: 6 };

/** Height of a digit or capital by the size of its type: the font's own (Inter). */
const DIGIT = 0.727;

/** The smallest text that has to be read, in rem: --size-small of wall.css. */
export const SMALLEST = 0.9;

/** Pixels below which a browser's text is nothing but grey. */
const FEWEST_PIXELS = 11;

const RADIANS_PER_MINUTE = Math.PI / (180 * 60);

/** What is shown, from most to least; see wall.css. */
export const DENSITIES = ['full', 'fewer', 'numbers'];

/** Rem that a density needs, across and along, by layout; found by trying (tests/browser/test_wall.py looks at each). */
const NEEDS = {
  wide: { full: [124, 39], fewer: [84, 32], numbers: [60, 17] },
  standard: { full: [72, 48], fewer: [54, 32], numbers: [36, 18] },
  narrow: { full: [60, 48], fewer: [44, 32], numbers: [34, 22] },
  tall: { full: [42, 76], fewer: [38, 56], numbers: [30, 34] },
};

/** Which of the layouts fits a window: 32:9, 16:9, 4:3, upright. */
export function layoutOf({ width, height }) {
  const aspect = width / height;
  if (aspect >= 2.4) return 'wide';
  if (aspect >= 1.5) return 'standard';
  return aspect >= 1 ? 'narrow' : 'tall';
}

/** Pixels of type whose digits subtend so many arc minutes on a wall. */
export function typePixels(minutes, { height_m: high, distance_m: far }, windowHeight) {
  const metres = far * Math.tan(minutes * RADIANS_PER_MINUTE);
  return ((metres / high) * windowHeight) / DIGIT;
}

/** Arc minutes that digits of type of so many pixels subtend. */
export function arcMinutes(pixels, { height_m: high, distance_m: far }, windowHeight) {
  const metres = ((pixels * DIGIT) / windowHeight) * high;
  return Math.atan(metres / far) / RADIANS_PER_MINUTE;
}

const positive = (value) => Number.isFinite(Number(value)) && Number(value) > 0;

/** The wall as it is configured; a measure that makes no sense is that of a wall of which nobody has said anything. */
export function wallOf({ height_m: high, distance_m: far } = {}) {
  return {
    height_m: positive(high) && high <= 50 ? Number(high) : DEFAULT_WALL.height_m,
    distance_m: positive(far) && far <= 500 ? Number(far) : DEFAULT_WALL.distance_m,
  };
}

/**
 * How a window on a wall is filled: as much as can be read, rather than all of it and too small.
 * @param {{width: number, height: number}} window pixels of CSS
 * @param {{height_m: number, distance_m: number}} wall of the whole window
 * @returns {{layout: string, density: string, rem: number, minutes: number, smallest: number, legible: boolean}} `rem` in pixels;
 *   `minutes` that running text subtends, `smallest` the smallest text; `legible`: nothing falls short of LEAST
 */
export function fit(window, wall) {
  const layout = layoutOf(window);
  const roomy = Math.max(typePixels(ROOMY, wall, window.height), FEWEST_PIXELS / SMALLEST);
  const least = typePixels(LEAST, wall, window.height) / SMALLEST;
  const largest = (density) => {
    const [across, along] = NEEDS[layout][density];
    return Math.min(window.width / across, window.height / along);
  };
  const density = DENSITIES.find((name) => largest(name) >= Math.max(least, FEWEST_PIXELS / SMALLEST)) ?? DENSITIES.at(-1);
  const rem = Math.min(roomy, largest(density));
  const minutes = arcMinutes(rem, wall, window.height);
  const smallest = arcMinutes(rem * SMALLEST, wall, window.height);
  return { layout, density, rem, minutes, smallest, legible: smallest >= LEAST - 0.01 };
}
