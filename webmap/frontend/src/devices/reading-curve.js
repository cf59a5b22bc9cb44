/** The lines of a curve of readings in a box of 100 by 28. Pure. */
import { instant } from '../format.js';

const WIDTH = 100;
const HEIGHT = 28;

/** Share of the height that stays free above and below. */
const AIR = 0.08;

const round = (value) => Number(value.toFixed(2));

/**
 * @param {{from: string, to: string, points: object[]}} series as the server tells it: readings, or buckets with min, mean and max
 * @param {number[]} limits thresholds; those far from the values are left out, or the curve would be a flat line
 * @returns {{line: string, band: string, thresholds: number[], least: number, most: number}|null} null where there is no number
 */
export function curveOf({ from, to, points }, limits = []) {
  const known = points.map(({ at, value, min, mean, max }) => ({ at: instant(at), low: min ?? value, mid: mean ?? value, high: max ?? value }))
    .filter(({ low, mid, high }) => [low, mid, high].every(Number.isFinite));
  if (known.length === 0) return null;
  const least = Math.min(...known.map(({ low }) => low));
  const most = Math.max(...known.map(({ high }) => high));
  const span = most - least || Math.abs(most) || 1;
  const near = limits.filter((limit) => limit >= least - span && limit <= most + span);
  const [bottom, top] = [Math.min(least, ...near), Math.max(most, ...near)];
  const height = top - bottom || span;
  const [start, end] = [instant(from), instant(to)];
  const x = (at) => round(((at - start) / (end - start)) * WIDTH);
  const y = (value) => (top === bottom ? HEIGHT / 2 : round(HEIGHT * (1 - AIR - ((value - bottom) / height) * (1 - 2 * AIR))));
  const line = known.map(({ at, mid }, index) => `${index ? 'L' : 'M'}${x(at)} ${y(mid)}`).join('');
  const banded = known.some(({ low, high }) => low !== high);
  const upper = known.map(({ at, high }, index) => `${index ? 'L' : 'M'}${x(at)} ${y(high)}`).join('');
  const lower = known.toReversed().map(({ at, low }) => `L${x(at)} ${y(low)}`).join('');
  return { line: known.length === 1 ? `M${x(known[0].at)} ${y(known[0].mid)}h1` : line, band: banded ? `${upper}${lower}Z` : '',
    thresholds: near.map(y), least, most };
}
