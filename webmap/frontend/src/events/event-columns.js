/**
 * Events as columns (事件列): typed arrays of equal length in order of time, as /api/events/columns sends them. Pure.
 *
 *   id, at       numbers and milliseconds since 1970
 *   lon, lat     degrees
 *   class, origin, state   positions in the lists `classes`, `origins`, `states`; -1 for what is in none
 */
import { instant } from '../format.js';

const TYPES = { float64: Float64Array, int32: Int32Array, int16: Int16Array, int8: Int8Array };

/** What takes an event out of anybody's hands. */
export const FINISHED = ['done', 'closed'];

const NAMES = ['id', 'at', 'lon', 'lat', 'class', 'origin', 'state'];
const ARRAYS = {
  id: Float64Array, at: Float64Array, lon: Float64Array, lat: Float64Array, class: Int16Array, origin: Int8Array, state: Int8Array,
};

/**
 * Read an answer: webmap/columns.py says how it is written.
 * @param {ArrayBuffer} buffer
 * @returns {{head: object, columns: object}} `columns` by name, as they were sent
 */
export function decodeColumns(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const columns = Object.fromEntries(head.columns.map(
    ({ name, type, offset, length: rows }) => [name, new TYPES[type](buffer, 4 + length + offset, rows)]));
  return { head, columns };
}

/** The events of an answer; null where there were too many to send. */
export function eventsOf({ head: { classes, origins, states, complete }, columns }) {
  if (!complete) return null;
  const degrees = (column) => Float64Array.from(column, (millionths) => millionths / 1e6);
  return {
    ...columns, lon: degrees(columns.lon), lat: degrees(columns.lat), length: columns.id.length, classes, origins, states,
  };
}

/** The rows of some events, in the order of `rows`. */
export function pickRows(events, rows) {
  const picked = { ...events, length: rows.length };
  for (const name of NAMES) {
    const [column, from] = [new ARRAYS[name](rows.length), events[name]];
    for (let index = 0; index < rows.length; index += 1) column[index] = from[rows[index]];
    picked[name] = column;
  }
  return picked;
}

/** Events of objects as the stream and the picture of the past tell them, by the lists of `like`. */
export function columnsOf(objects, like) {
  const [classes, origins, states] = [[...like.classes], like.origins, like.states];
  const number = (list, word, grows) => {
    const known = list.indexOf(word);
    return known >= 0 || !grows ? known : list.push(word) - 1;
  };
  const sorted = objects.map((one) => ({ ...one, time: instant(one.occurred_at) })).sort((a, b) => a.time - b.time || a.id - b.id);
  return {
    length: sorted.length, classes, origins, states,
    id: Float64Array.from(sorted, ({ id }) => id),
    at: Float64Array.from(sorted, ({ time }) => time),
    lon: Float64Array.from(sorted, ({ lon }) => lon),
    lat: Float64Array.from(sorted, ({ lat }) => lat),
    class: Int16Array.from(sorted, (one) => number(classes, one.class_code, true)),
    origin: Int8Array.from(sorted, (one) => number(origins, one.origin, false)),
    state: Int8Array.from(sorted, (one) => number(states, one.state, false)),
  };
}

/**
 * Events together with what the stream told since: known ones as they are now, new ones of [from, to) in their places.
 * @returns `events` itself where nothing of it is other
 */
export function withRecent(events, recent, { from, to }) {
  const told = new Map(recent.filter(({ occurred_at: at }) => instant(at) >= from && instant(at) < to).map((one) => [one.id, one]));
  if (told.size === 0) return events;
  const rows = [];
  let changed = false;
  for (let row = 0; row < events.length; row += 1) {
    const now = told.get(events.id[row]);
    if (now === undefined || events.states[events.state[row]] === now.state) {
      rows.push(row);
      told.delete(events.id[row]);
    } else changed = true; // it comes back among what was told
  }
  if (!changed && told.size === 0) return events;
  const fresh = columnsOf([...told.values()], events);
  const kept = pickRows(events, rows);
  const all = { ...fresh, length: kept.length + fresh.length };
  for (const name of NAMES) {
    all[name] = new ARRAYS[name](all.length);
    all[name].set(kept[name]);
    all[name].set(fresh[name], kept.length);
  }
  return pickRows(all, [...all.at.keys()].sort((a, b) => all.at[a] - all.at[b] || all.id[a] - all.id[b]));
}

/** No filter: all classes, all origins, whatever their state. */
export const ALL = { classes: [], origins: [], finished: null };

/** Whether an event is asked for; as the server's `Chosen.holds`. */
export function holds({ classes, origins, finished }, classCode, origin, state) {
  return (classes.length === 0 || classes.includes(classCode) || classes.includes(classCode?.slice(0, 2)))
    && (origins.length === 0 || origins.includes(origin))
    && (finished === null || FINISHED.includes(state) === finished);
}

/** The events that a filter leaves. */
export function filtered(events, filter) {
  if (filter.classes.length === 0 && filter.origins.length === 0 && filter.finished === null) return events;
  const { classes, origins, states } = events;
  // Each of the few combinations is looked at once; an unknown code is in the last place of each list.
  const wanted = [...classes, undefined].map((code) => [...origins, undefined].map(
    (origin) => [...states, undefined].map((state) => holds(filter, code, origin, state))));
  const place = (number, list) => (number < 0 ? list.length : number);
  const rows = [];
  for (let row = 0; row < events.length; row += 1) {
    if (wanted[place(events.class[row], classes)][place(events.origin[row], origins)][place(events.state[row], states)]) rows.push(row);
  }
  return pickRows(events, rows);
}

/** [class, origin, state, events] of all combinations that there are, as the server counts them. */
export function countsOf(events) {
  const counts = new Map();
  for (let row = 0; row < events.length; row += 1) {
    const key = (events.class[row] + 1) * 65_536 + (events.origin[row] + 1) * 256 + events.state[row] + 1;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => [
    events.classes[(key >> 16) - 1], events.origins[((key >> 8) & 255) - 1], events.states[(key & 255) - 1], count]);
}

/** How many of some counts a filter leaves; `by` gives the words to add them up by. */
export function sumBy(counts, filter, by) {
  const sums = new Map();
  for (const [code, origin, state, count] of counts) {
    if (!holds(filter, code, origin, state)) continue;
    for (const word of by(code, origin, state)) sums.set(word, (sums.get(word) ?? 0) + count);
  }
  return sums;
}

/** The first row at or after an instant: rows [rowAt(from), rowAt(to)) are those of [from, to). */
export function rowAt({ at, length }, time) {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
