/** 时段对比: the events of a second window, set against those of the first. Only the newest request counts. */
import { eventsOf, filtered, sumBy } from './event-columns.js';
import { cellDifferences, difference, differences } from './event-compare.js';
import { asked, readColumns } from './event-window.js';
import { cellsOf } from './hexagons.js';
import { memo } from '../memo.js';
import { NO_COMPARISON } from './event-state.js';
import { comparedWindow, histogram } from './time-window.js';

/** Parts of a window in the small charts of classes. */
export const PARTS = 12;

/** Places of both windows, those of now first. */
function joined(now, then) {
  const join = (name) => {
    const all = new Float64Array(now.length + then.length);
    all.set(now[name]);
    all.set(then[name], now.length);
    return all;
  };
  return { lon: join('lon'), lat: join('lat'), length: now.length + then.length };
}

const byMajor = (code) => [code?.slice(0, 2) ?? ''];

export class Comparison {
  #abort = null;
  #then = null;
  #counts = [];

  #filtered = memo(filtered);
  #cells = memo((now, then, width, latitude) => cellDifferences(cellsOf(joined(now, then), { width, latitude }), now.length));
  #tabled = memo((countsNow, countsThen, filter) => ({
    all: difference(...[countsNow, countsThen].map((counts) => sumBy(counts, filter, () => ['all']).get('all') ?? 0)),
    classes: differences(sumBy(countsNow, filter, byMajor), sumBy(countsThen, filter, byMajor)),
  }));

  #charted = memo((now, then, ...ends) => {
    const found = new Map();
    [now, then].forEach((events, index) => {
      const [from, to] = ends.slice(2 * index);
      const [major, rows] = [events.classes.map((code) => code.slice(0, 2)), new Map()];
      for (let row = 0; row < events.length; row += 1) {
        const key = major[events.class[row]] ?? '';
        if (!rows.has(key)) rows.set(key, []);
        rows.get(key).push(events.at[row]);
      }
      for (const [key, times] of rows) {
        if (!found.has(key)) found.set(key, [new Array(PARTS).fill(0), new Array(PARTS).fill(0)]);
        found.get(key)[index] = histogram(times, from, to, PARTS);
      }
    });
    return found;
  });

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {string} parts.url of columns of events
   * @param {string} parts.timeZone the command centre's
   * @param {import('./event-window.js').EventWindow} parts.window the first one
   */
  constructor({ store, url, timeZone, window }) {
    Object.assign(this, { store, url, timeZone, window });
  }

  get #state() {
    return this.store.state.comparison;
  }

  #set(changes) {
    this.store.set('comparison', { comparison: { ...this.#state, ...changes } });
  }

  /** Compare with 'before', 'week' or 'year'; null ends it. */
  choose(kind) {
    this.#set({ ...NO_COMPARISON, kind });
    return this.load();
  }

  /** Read the second window, for the first one as it is now. */
  async load() {
    this.#abort?.abort();
    const { kind } = this.#state;
    const { status, from, to } = this.store.state.eventView;
    this.#then = null;
    if (kind === null || !['ready', 'empty'].includes(status)) return;
    const { signal } = this.#abort = new AbortController();
    const second = comparedWindow(kind, { from, to }, this.timeZone);
    this.#set({ status: 'loading', error: null, ...second });
    try {
      const answer = await readColumns(asked(this.url, second), { signal });
      this.#then = eventsOf(answer);
      this.#counts = answer.head.counts;
      this.#set({ status: 'ready', complete: this.#then !== null && this.store.state.eventView.complete });
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!error.title) throw error;
      this.#set({ status: 'failed', error });
    }
  }

  get #ready() {
    return this.#state.status === 'ready' && this.store.state.layers.events;
  }

  /** Numbers of both windows, by the filter: `all`, and `classes` by major class; null while there are none. */
  table() {
    return this.#ready ? this.#tabled(this.window.counts(), this.#counts, this.store.state.eventView.filter) : null;
  }

  /** Major class → numbers in parts of both windows; null where not all events are here. */
  charts() {
    const [now, then] = this.#both();
    if (now === null) return null;
    const { eventView, comparison } = this.store.state;
    return this.#charted(now, then, eventView.from, eventView.to, comparison.from, comparison.to);
  }

  /** What differs in each hexagon; null where there is nothing to draw. */
  cells(width, latitude) {
    const [now, then] = this.#both();
    return now === null ? null : this.#cells(now, then, width, latitude);
  }

  #both() {
    const now = this.window.shown();
    if (!this.#ready || !this.#state.complete || now === null || this.#then === null) return [null, null];
    return [now, this.#filtered(this.#then, this.store.state.eventView.filter)];
  }
}
