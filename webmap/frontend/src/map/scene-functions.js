/**
 * Functions that a scene may name with "@@function". Each takes the arguments that stand beside it in the JSON
 * and returns a deck.gl accessor. Arguments are data: nothing in them is run as code.
 */

/** The property of a feature from a vector tile or GeoJSON. */
function valueOf(feature, property) {
  return feature.properties?.[property];
}

/**
 * The position of `value` among rising `breaks`: 0 below the first, breaks.length at or above the last.
 * A class holds its lower break: with [1, 5], 1 is in class 1.
 */
export function stepIndex(value, breaks) {
  let index = 0;
  while (index < breaks.length && value >= breaks[index]) index += 1;
  return index;
}

/**
 * Colour by classes of a number. `colors` has one entry more than `breaks`; `noData` is for features without one.
 * @returns accessor (feature, info, hectares) → [r, g, b] or [r, g, b, a], each 0–255; `hectares` is the feature's area
 *   on the ground, and of use only where the classes are densities (`perHectare`)
 */
export function stepColor({ property, breaks, colors, noData, perHectare = false }) {
  return (feature, info, hectares) => {
    const value = valueOf(feature, property);
    if (value === null || value === undefined || !Number.isFinite(Number(value))) return noData;
    const measured = perHectare ? Number(value) / hectares : Number(value);
    return colors[Math.min(stepIndex(measured, breaks), colors.length - 1)];
  };
}

/** One colour for all: what is to be seen is drawn over them. */
export function plainColor({ color }) {
  return () => color;
}

/** Colour by the code of a closed list. A code that is not in `categories` takes `other`. */
export function categoryColor({ property, categories, other }) {
  const known = new Map(Object.entries(categories));
  return (feature) => known.get(String(valueOf(feature, property))) ?? other;
}

/**
 * The outline of a part of a building's storey, lifted off the storeys below it.
 * @param {object} parts
 * @param {number[][][][]} parts.plans rings of each outline, degrees
 * @param {number} parts.storey metres of a storey; `gap`: of air between two, `above`: of what lies below the outline
 * @param {number} parts.below storeys below ground: all of the building is lifted above it
 * @returns accessor ({ plan, level }) → rings of [longitude, latitude, metres]; its `at(progress)` is another one, of a
 *   building that is on its way apart: 0 for together, 1 for apart, `base` metres above zero; its `bottom(level, progress)`
 *   gives the metres above its base
 */
export function storeyPolygon({ plans, storey, gap, below, above = 0 }) {
  const bottom = (level, progress = 1) => (
    Math.max(0, (level - below * (1 - progress)) * (storey + gap * progress)) + above);
  const at = (progress, base = 0) => ({ plan, level }) => {
    const z = base + bottom(level, progress);
    return plans[plan].map((ring) => ring.map(([longitude, latitude]) => [longitude, latitude, z]));
  };
  return Object.assign(at(1), { at, bottom, plans });
}

/** Metres by the state of a room. */
export function stateHeight({ heights }) {
  return ({ state }) => heights[state] ?? heights.empty;
}

/** The words for one class of a legend where the server sent none: "≥ 50", "< 5", "5 – 9". */
export function classRange({ from, to }, format) {
  const empty = (value) => value === null || value === undefined;
  if (empty(to)) return empty(from) ? '' : `≥ ${format(from)}`;
  if (empty(from)) return `< ${format(to)}`;
  return `${format(from)} – ${format(to)}`;
}
