/**
 * Which alarm marks are put on the screen, and where. Pure: positions in, marks out.
 *
 * From afar more than a few alarms of one building share a mark that shows the worst of them and their number: a row of
 * marks would stand over its neighbours. A browser moves some hundred DOM marks fluently, not five thousand: above
 * `limit` marks in view, alarms of one screen cell share theirs.
 */
import { rank } from '../alarms/alarm-terms.js';

export const MARK_LIMIT = 150;

/** So many marks of one building stand side by side from afar. */
export const SIDE_BY_SIDE = 3;

/**
 * @param {Array<{alarm: object, x: number, y: number, apart?: boolean}>} points projected alarms, CSS pixels from top left;
 *   `apart`: stands in a room of a building taken apart, and so by itself
 * @param {{width: number, height: number, margin: number}} view what counts as on screen
 * @param {{limit?: number, near?: boolean, cell: number, gap: number}} options `near`: buildings are large enough for marks
 *   beside one another; `cell`: edge of a cluster cell; `gap`: how far marks of one place stand apart
 * @returns {Array<{key: string, alarm: object, alarms: object[], x: number, y: number, shift: number}>}
 */
export function layoutMarks(points, view, { limit = MARK_LIMIT, near = false, cell, gap }) {
  const visible = points.filter(({ x, y }) => (
    x >= -view.margin && x <= view.width + view.margin && y >= -view.margin && y <= view.height + view.margin
  ));
  const { full, alone } = near ? { full: [], alone: visible } : crowds(visible, gap);
  if (alone.length + full.length > limit) return clusters(visible, cell);
  return [...full.map(sharedMark), ...singles(alone, gap)];
}

const spotOf = ({ x, y }, gap) => `${Math.round(x / gap)}:${Math.round(y / gap)}`;

/** Points of one building, and then of one spot, where they are too many to stand side by side; and the others. */
function crowds(points, gap) {
  const full = [];
  let alone = points;
  for (const placeOf of [({ alarm }) => alarm.building_id, (point) => spotOf(point, gap)]) {
    const places = grouped(alone.filter((point) => !point.apart && placeOf(point)), placeOf);
    const crowded = places.filter((members) => members.length > SIDE_BY_SIDE);
    const shared = new Set(crowded.flat());
    alone = alone.filter((point) => !shared.has(point));
    full.push(...crowded);
  }
  return { full, alone };
}

function grouped(points, keyOf) {
  const groups = new Map();
  for (const point of points) {
    const key = keyOf(point);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(point);
  }
  return [...groups.values()];
}

/** One mark each; those on the same spot stand side by side, the most urgent in the place itself. */
function singles(points, gap) {
  const taken = new Map();
  return [...points]
    .sort((a, b) => rank(b.alarm) - rank(a.alarm))
    .map(({ alarm, x, y }) => {
      const spot = spotOf({ x, y }, gap);
      const before = taken.get(spot) ?? 0;
      taken.set(spot, before + 1);
      return { key: `alarm-${alarm.id}`, alarm, alarms: [alarm], x, y, shift: before * gap };
    });
}

function clusters(points, cell) {
  return grouped(points, ({ x, y }) => `${Math.floor(x / cell)}:${Math.floor(y / cell)}`).map(sharedMark);
}

/** One mark for all of them, where the most urgent is. */
function sharedMark(members) {
  const worst = members.reduce((best, point) => (rank(point.alarm) > rank(best.alarm) ? point : best));
  return {
    key: `alarm-${worst.alarm.id}`,
    alarm: worst.alarm,
    alarms: members.map(({ alarm }) => alarm),
    x: worst.x,
    y: worst.y,
    shift: 0,
  };
}
