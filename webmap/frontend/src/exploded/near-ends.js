/** Where lines from an alarm to what is nearest begin and end, and where on the screen their ends are named. Pure. */

/** Parts of `nearest` in a dossier, and the picture of each. */
export const NEAR = { cameras: 'camera', hydrants: 'hydrant', shelters: 'shelter', keepers: 'keeper' };

const METRES_PER_DEGREE = 111_320;

/** A line ends at the height of a person's chest: on the ground it would lie in the roads. */
const CHEST = 1.5;

/** Metres between two near places: within a percent of the ground, as far as 2 km. */
export function metresBetween([lon1, lat1], [lon2, lat2]) {
  const east = (lon2 - lon1) * Math.cos((((lat1 + lat2) / 2) * Math.PI) / 180);
  return Math.hypot(east, lat2 - lat1) * METRES_PER_DEGREE;
}

/**
 * @param {object} nearest of a dossier: the first of each kind is the nearest
 * @param {object} alarm
 * @param {object} now
 * @param {Map<string, {lon: number, lat: number}>} now.keepers where keepers are, by code
 * @param {(place: object) => number[]|null} now.placeOf where something of a building taken apart stands
 * @param {(place: number[]) => number[]} [now.over] puts a place onto the ground that is drawn
 */
export function endsOf(nearest, alarm, { keepers, placeOf, over = (place) => place }) {
  if (!Number.isFinite(alarm?.lon)) return [];
  const from = placeOf(alarm) ?? over([alarm.lon, alarm.lat, alarm.z ?? 0]);
  return Object.keys(NEAR).flatMap((kind) => {
    const one = nearest?.[kind]?.[0];
    if (!one) return [];
    const live = kind === 'keepers' ? keepers.get(one.code) : undefined;
    const { lon, lat } = live ?? one;
    // A camera inside the building stands on its storey, where that is lifted to.
    const inside = one.floor ? placeOf({ building_id: one.same_building ? alarm.building_id : null, floor: one.floor, lon, lat }) : null;
    return [{
      kind, code: one.code, name: one.name || one.code, from, to: inside ?? over([lon, lat, CHEST]),
      metres: live ? metresBetween([alarm.lon, alarm.lat], [lon, lat]) : one.metres,
    }];
  });
}

/** How far an arc rises, of its length. */
export const RISE = 0.18;

/** A place on the arc from one place to another, as deck.gl's ArcLayer draws it; `share` of the way. */
export function onArc(from, to, share) {
  const [low, high] = from[2] <= to[2] ? [from, to] : [to, from];
  const way = from[2] <= to[2] ? share : 1 - share;
  const rise = metresBetween(from, to) * RISE;
  const place = [0, 1].map((axis) => from[axis] + (to[axis] - from[axis]) * share);
  if (rise === 0) return [...place, from[2] + (to[2] - from[2]) * share];
  const steep = ((high[2] - low[2]) / rise) ** 2 + 1;
  return [...place, low[2] + Math.sqrt(way * (steep - way)) * rise];
}

const STEPS = 64;

/**
 * Where the end of a line is named: at the end itself, or where the line leaves the free part of the window.
 * @param {number[]} from @param {number[]} to places
 * @param {(place: number[]) => number[]} project a place to CSS pixels
 * @param {{left: number, top: number, right: number, bottom: number}} free pixels
 * @returns {{x: number, y: number, beyond: boolean}|null} null where not even the line's beginning is in view
 */
export function endInView(from, to, project, free) {
  const inside = ([x, y]) => x >= free.left && x <= free.right && y >= free.top && y <= free.bottom;
  // Places behind the camera are projected anywhere: the line is followed, and what comes after its first step outside
  // does not count.
  let last = null;
  for (let step = 0; step <= STEPS; step += 1) {
    const share = step / STEPS;
    const at = project(onArc(from, to, share));
    if (!inside(at)) return last && { ...last, beyond: true };
    last = { x: at[0], y: at[1] };
  }
  return { ...last, beyond: false };
}

/** Move labels down until they stand apart: `{ x, y }` each, in their order. */
export function spread(labels, { width, height }) {
  const placed = [];
  for (const label of labels) {
    let { y } = label;
    while (placed.some((other) => Math.abs(other.x - label.x) < width && Math.abs(other.y - y) < height)) y += height / 2;
    placed.push({ ...label, y });
  }
  return placed;
}
