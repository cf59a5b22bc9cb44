/** What a window's events were, in few words: their classes, what is done and what is not; and the list of a moment. Pure. */
import { FINISHED, rowAt, sumBy } from './event-columns.js';
import { freshness } from './playback.js';

/** Classes that the account names. */
const NAMED = 5;

/** Rows that a list draws: what one reads, not all that there is. */
export const MOST_ROWS = 50;

/** What is as fresh as this is of now, while a window is played. */
const OF_NOW = 0.5;

/**
 * The account of a window. Classes are counted as if none were chosen, so that another one may be chosen beside it.
 * @param {[string, string, string, number][]} counts class, origin, state, events, of the whole window
 * @param {object} filter as event-columns.js has it
 * @returns {{classes: {code: string, count: number, on: boolean}[], rest: number, done: number, open: number}} the most
 *   frequent classes first; those that are chosen are always among them, and `rest` is what is in none of them
 */
export function accountOf(counts, filter) {
  const sums = sumBy(counts, { ...filter, classes: [] }, (code) => [code ?? '']);
  const isOn = (code) => filter.classes.some((one) => code.startsWith(one));
  const ordered = [...sums].map(([code, count]) => ({ code, count, on: isOn(code) }))
    .sort((one, other) => other.count - one.count || one.code.localeCompare(other.code));
  // A single class that is left over is no longer than the word for the rest.
  const named = ordered.length === NAMED + 1 ? ordered.length : NAMED;
  const chosenAlone = ({ code }) => filter.classes.includes(code);
  const classes = ordered.filter((one, index) => index < named || chosenAlone(one));
  const all = ordered.reduce((sum, { count }) => sum + count, 0);
  const states = sumBy(counts, filter, (_code, _origin, state) => [FINISHED.includes(state)]);
  return {
    classes, rest: all - classes.reduce((sum, { count }) => sum + count, 0), done: states.get(true) ?? 0, open: states.get(false) ?? 0,
  };
}

/** How many of some events are overdue: ids of those that were, without what was done since. */
export function overdueAmong(events, overdue) {
  const finished = FINISHED.map((state) => events.states.indexOf(state));
  let count = 0;
  for (let row = 0; row < events.length; row += 1) {
    if (overdue.has(events.id[row]) && !finished.includes(events.state[row])) count += 1;
  }
  return count;
}

/**
 * The rows of a list, the newest first: of the moment's window while it is played or paused, else of all.
 * @param {{events: object, start: number, end: number, head?: number, trail?: number}} moment rows [start, end) of columns
 * @returns {{rows: {id, at, lon, lat, code, state, done, now}[], more: number}} `more`: those that are not drawn
 */
export function rowsOf({ events, start, end, head, trail }, most = MOST_ROWS) {
  const rows = [];
  for (let row = end - 1; row >= Math.max(start, end - most); row -= 1) {
    const state = events.states[events.state[row]];
    rows.push({
      id: events.id[row], at: events.at[row], lon: events.lon[row], lat: events.lat[row], code: events.classes[events.class[row]] ?? '',
      state, done: FINISHED.includes(state), now: head !== undefined && freshness(events.at[row], head, trail) > OF_NOW,
    });
  }
  return { rows, more: end - start - rows.length };
}

/** Rows of a moment: those of the head's trail, or all of them where nothing is played. */
export function momentOf(events, playback, shown) {
  if (!playback.on) return { events, start: 0, end: events.length };
  return { events, start: rowAt(events, shown.from), end: rowAt(events, shown.to), head: playback.head, trail: playback.trail };
}

/** Of which key of the words a window is named: by its preset, and whether it is still going on. */
export function windowName({ preset }, following) {
  if (!preset) return 'own';
  return preset === 'night' && following ? 'night.now' : preset;
}
