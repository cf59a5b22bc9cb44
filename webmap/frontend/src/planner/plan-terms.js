/** Pure: what a plan of grids (网格规划方案) is on the page, how an answer changes it, and what is said of its numbers. */

/** Severities of violations, the worst first. */
export const SEVERITIES = ['error', 'warning', 'information'];

/** States of a plan on its way, in order. */
export const WAY = ['draft', 'submitted', 'approved', 'scheduled', 'published'];

/** Households that a grid should have, where the plan's rules say nothing else. */
const RANGE = { least: 300, most: 500 };

export const etag = ({ id, revision }) => `"${id}-${revision}"`;

/** Is `revision` of the plan that is open newer than what the page shows? */
export const isNewer = (plan, change) => plan !== null && change.id === plan.id && change.revision > plan.revision;

/** The plan after an operation: faces, numbers, violations as the answer tells them. The one before stays as it is. */
export function afterOperation(plan, answer) {
  const changed = new Map(answer.faces.features.map((feature) => [feature.id, feature]));
  const gone = new Set(answer.removed);
  const kept = plan.faces.features.filter(({ id }) => !gone.has(id)).map((feature) => changed.get(feature.id) ?? feature);
  const known = new Set(kept.map(({ id }) => id));
  const features = [...kept, ...[...changed.values()].filter(({ id }) => !known.has(id))]
    .sort((one, other) => one.id - other.id)
    .map((feature) => {
      const numbers = answer.numbers[feature.id];
      return numbers === undefined ? feature : { ...feature, properties: { ...feature.properties, numbers } };
    });
  return {
    ...plan, revision: answer.revision, outline: answer.outline ?? plan.outline, faces: { ...plan.faces, features },
    violations: answer.violations, can: answer.can,
  };
}

/** What a 412 tells laid over the plan: only to be looked at, until it is loaded anew. */
export function differenceOf(plan, problem) {
  const present = new Set(problem.present);
  return {
    changed: problem.difference.features,
    gone: plan.faces.features.filter(({ id }) => !present.has(id)),
    by: problem.by, at: problem.at, revision: problem.revision,
  };
}

/** The range of households that the rules of a plan ask for. */
export function rangeOf(profiles, plan) {
  const limits = profiles.find(({ name }) => name === plan?.profile)?.rules.households?.limits;
  return limits ? { least: limits.least, most: limits.most } : RANGE;
}

/** Where a number of households lies: 'none', 'low', 'right' or 'high'. Special grids have no range. */
export function loadOf({ kind, numbers }, { least, most }) {
  if (kind !== 'basic' || !numbers) return 'none';
  if (numbers.households < least) return 'low';
  return numbers.households > most ? 'high' : 'right';
}

/** A sign that says the same as the colour. */
export const LOAD_SIGNS = { none: '', low: '▼', right: '', high: '▲' };

/** Sums over all faces: buildings, households, residents, and the largest and least number of households. */
export function totals(features) {
  const of = (name) => features.reduce((sum, { properties }) => sum + (properties.numbers?.[name] ?? 0), 0);
  const households = features.filter(({ properties }) => properties.kind === 'basic').map(({ properties }) => properties.numbers?.households ?? 0);
  return {
    grids: features.length, buildings: of('buildings'), households: of('households'), residents: of('residents'),
    least: households.length ? Math.min(...households) : 0, most: households.length ? Math.max(...households) : 0,
  };
}

/** Rows of the table, sorted by a column; `down` turns it round. Faces without the value stand last. */
export function sorted(features, { column, down }) {
  const value = ({ properties }) => (column === 'code' || column === 'name' ? properties[column] : properties.numbers?.[column]) ?? null;
  const rows = [...features].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === null || b === null) return (a === null) - (b === null);
    const order = typeof a === 'string' ? a.localeCompare(b, 'zh-CN') : a - b;
    return (down ? -order : order) || one.id - other.id;
  });
  return rows;
}

/** How many violations of each severity count, and how many stand as exceptions. */
export function tally(violations) {
  const counts = { error: 0, warning: 0, information: 0, excepted: 0 };
  for (const one of violations) counts[one.excepted ? 'excepted' : one.severity] += 1;
  return counts;
}

/** Violations in groups of one rule, errors first, exceptions last. */
export function grouped(violations) {
  const groups = new Map();
  for (const one of violations) {
    const key = `${one.excepted ? 'excepted' : one.severity}:${one.rule}`;
    if (!groups.has(key)) groups.set(key, { key, rule: one.rule, severity: one.severity, excepted: Boolean(one.excepted), list: [] });
    groups.get(key).list.push(one);
  }
  const rank = ({ severity, excepted }) => (excepted ? 9 : SEVERITIES.indexOf(severity));
  return [...groups.values()].sort((one, other) => rank(one) - rank(other));
}

/** A shape's box: west, south, east, north in degrees; null of nothing. */
export function boxOf(geometry) {
  if (!geometry) return null;
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (part) => {
    if (typeof part[0] === 'number') {
      box[0] = Math.min(box[0], part[0]);
      box[1] = Math.min(box[1], part[1]);
      box[2] = Math.max(box[2], part[0]);
      box[3] = Math.max(box[3], part[1]);
    } else part.forEach(walk);
  };
  (geometry.geometries ?? [geometry]).forEach(({ coordinates }) => walk(coordinates));
  return Number.isFinite(box[0]) ? box : null;
}

/** Rings of a feature's geometry, as lists of places. */
export const ringsOf = ({ type, coordinates }) => (type === 'Polygon' ? coordinates : coordinates.flat());

/** The corner of some faces nearest to a place, as the server knows it; `within` in degrees of latitude. */
export function nearestCorner(features, [lon, lat], within) {
  let best = null;
  let least = within;
  const shrink = Math.cos((lat * Math.PI) / 180);
  for (const { geometry } of features) {
    for (const ring of ringsOf(geometry)) {
      for (const place of ring) {
        const away = Math.hypot((place[0] - lon) * shrink, place[1] - lat);
        if (away < least) [best, least] = [place, away];
      }
    }
  }
  return best;
}

/** The edge of some faces nearest to a place: both its ends. */
export function nearestEdge(features, [lon, lat], within) {
  let best = null;
  let least = within;
  const shrink = Math.cos((lat * Math.PI) / 180);
  for (const { geometry } of features) {
    for (const ring of ringsOf(geometry)) {
      for (let index = 1; index < ring.length; index += 1) {
        const [a, b] = [ring[index - 1], ring[index]];
        const away = distanceTo([lon, lat], a, b, shrink);
        if (away < least) [best, least] = [[a, b], away];
      }
    }
  }
  return best;
}

/** The line nearest to a place, of GeoJSON LineStrings and MultiLineStrings, as one LineString. */
export function nearestLine(lines, [lon, lat], within) {
  let best = null;
  let least = within;
  const shrink = Math.cos((lat * Math.PI) / 180);
  for (const { type, coordinates } of lines) {
    for (const line of type === 'LineString' ? [coordinates] : coordinates) {
      for (let index = 1; index < line.length; index += 1) {
        const away = distanceTo([lon, lat], line[index - 1], line[index], shrink);
        if (away < least) [best, least] = [line, away];
      }
    }
  }
  return best && { type: 'LineString', coordinates: best };
}

function distanceTo([lon, lat], [ax, ay], [bx, by], shrink) {
  const [px, py, qx, qy] = [(bx - ax) * shrink, by - ay, (lon - ax) * shrink, lat - ay];
  const length = px * px + py * py;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, (qx * px + qy * py) / length));
  return Math.hypot(qx - along * px, qy - along * py);
}

/** Tools in the order of the bar: what each needs, and its key. */
export const TOOLS = [
  { name: 'select', icon: 'pointer', key: 'v' },
  { name: 'split', icon: 'split', key: 's', draws: 'linestring' },
  { name: 'create', icon: 'polygon', key: 'n', draws: 'polygon' },
  { name: 'corner', icon: 'corner', key: 'c' },
  { name: 'edge', icon: 'edge', key: 'e' },
  { name: 'buildings', icon: 'building', key: 'b' },
  { name: 'road', icon: 'road', key: 'r', faces: 2 },
];

/** What may be done at once with the faces that are chosen. */
export function offers(plan, chosen) {
  const may = Boolean(plan?.can.edit && plan.lease?.mine);
  return { merge: may && chosen.length > 1, rename: may && chosen.length === 1, keeper: may && chosen.length === 1, draw: may };
}

/** Who draws, as the page says it: 'mine', 'other' or 'free'. */
export function leaseState(lease, now) {
  if (!lease || Date.parse(lease.until) <= now) return 'free';
  return lease.mine ? 'mine' : 'other';
}

/** The operation that a draft is asked for with. `chosen`: faces, which count where only they are to be divided. */
export function draftOperation({ method, by, target, count, chosen: only, seed }, chosen) {
  const value = Number(by === 'count' ? count : target);
  return { kind: 'auto_draft', method, seed, ...(value ? { [by]: value } : {}), ...(only && chosen.length ? { faces: chosen } : {}) };
}

/** Drafts that were tried on the plan as it is, and the one that is looked at. */
export function triedOf(drafting, plan) {
  const list = drafting === null || plan === null ? [] : drafting.tried.filter(({ revision }) => revision === plan.revision);
  return { list, shown: list[Math.min(drafting?.at ?? -1, list.length - 1)] ?? null };
}

/** How even the grids of an answer are: households of each new or changed basic one, how many lie out of the range. */
export function balanceOf(answer, { least, most }) {
  const households = answer.faces.features.filter(({ properties }) => properties.kind === 'basic').map(({ properties }) => properties.numbers?.households ?? 0);
  return {
    households: households.sort((one, other) => one - other), grids: households.length,
    fewest: Math.min(...households), most: Math.max(...households), outside: households.filter((count) => count < least || count > most).length,
  };
}
