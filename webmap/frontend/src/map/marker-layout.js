/**
 * Which alarm marks are put on the screen, and where. Pure: positions in, marks out.
 *
 * A browser moves some hundred DOM marks fluently, not five thousand. Up to `limit` marks in view each alarm has
 * its own; above it, alarms of one screen cell share a mark that shows the worst of them and their number.
 */
import { rank } from '../alarms/alarm-terms.js';

export const MARK_LIMIT = 150;

/**
 * @param {Array<{alarm: object, x: number, y: number}>} points projected alarms, CSS pixels from top left
 * @param {{width: number, height: number, margin: number}} view what counts as on screen
 * @param {{limit?: number, cell: number, gap: number}} options `cell`: edge of a cluster cell; `gap`: how far
 *   marks of one place stand apart
 * @returns {Array<{key: string, alarm: object, alarms: object[], x: number, y: number, shift: number}>}
 */
export function layoutMarks(points, view, { limit = MARK_LIMIT, cell, gap }) {
  const visible = points.filter(({ x, y }) => (
    x >= -view.margin && x <= view.width + view.margin && y >= -view.margin && y <= view.height + view.margin
  ));
  return visible.length > limit ? clusters(visible, cell) : singles(visible, gap);
}

/** One mark each; those on the same spot stand side by side, the most urgent in the place itself. */
function singles(points, gap) {
  const taken = new Map();
  return [...points]
    .sort((a, b) => rank(b.alarm) - rank(a.alarm))
    .map(({ alarm, x, y }) => {
      const spot = `${Math.round(x / gap)}:${Math.round(y / gap)}`;
      const before = taken.get(spot) ?? 0;
      taken.set(spot, before + 1);
      return { key: `alarm-${alarm.id}`, alarm, alarms: [alarm], x, y, shift: before * gap };
    });
}

function clusters(points, cell) {
  const cells = new Map();
  for (const point of points) {
    const key = `${Math.floor(point.x / cell)}:${Math.floor(point.y / cell)}`;
    if (!cells.has(key)) cells.set(key, []);
    cells.get(key).push(point);
  }
  return [...cells.values()].map((members) => {
    const worst = members.reduce((best, point) => (rank(point.alarm) > rank(best.alarm) ? point : best));
    return {
      key: `alarm-${worst.alarm.id}`,
      alarm: worst.alarm,
      alarms: members.map(({ alarm }) => alarm),
      x: worst.x,
      y: worst.y,
      shift: 0,
    };
  });
}
