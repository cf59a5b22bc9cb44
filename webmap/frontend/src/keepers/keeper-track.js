/** 当日轨迹: the track of a day as lines to be drawn, in the order of time. Pure. */
import { instant } from '../format.js';

/** Opacity of the oldest part of a track; the newest is opaque. */
const OLDEST = 0.22;

/**
 * @param {object} feature as `/api/keepers/{code}/track` answers it
 * @returns {{walks: {path: number[][], ages: number[]}[], gaps: {path: number[][]}[], stops: object[]}} `ages`: of each
 *   vertex, from OLDEST at the beginning of the day's track to 1 at its end; a gap joins what was heard before and after
 */
export function trackLines({ geometry, properties: { times, gaps, stops } }) {
  const vertices = geometry?.coordinates ?? [];
  const at = times.map(instant);
  const [first, last] = [at[0], at.at(-1)];
  const age = (time) => OLDEST + (1 - OLDEST) * (last > first ? (time - first) / (last - first) : 1);
  const silent = gaps.map(({ from, to }) => [instant(from), instant(to)]);
  const inGap = (one, other) => silent.some(([from, to]) => one < to && other > from);
  const walks = [];
  const holes = [];
  vertices.forEach((vertex, index) => {
    if (index > 0 && !inGap(at[index - 1], at[index])) {
      walks.at(-1).path.push(vertex);
      walks.at(-1).ages.push(age(at[index]));
      return;
    }
    if (index > 0) holes.push({ path: [vertices[index - 1], vertex] });
    walks.push({ path: [vertex], ages: [age(at[index])] });
  });
  return { walks: walks.filter(({ path }) => path.length > 1), gaps: holes, stops };
}

/** The days of which there may be a track: `[first, today]` as 2026-11-23, in the command centre's zone. */
export function trackDays(now, kept, timeZone) {
  const day = (time) => new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(time);
  return [day(now - kept * 86_400_000), day(now)];
}
