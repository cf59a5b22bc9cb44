/**
 * What the columns of events do not hold and a list wants to say: where each happened, and which are overdue. Asked when a
 * list of them is open, one page at a time; nothing of what people wrote but the place is kept.
 */
import { requestJson } from '../api.js';

/** Events of one page. A window of no more is read at once, so that it can be played without asking again. */
const PAGE = 500;

/** Overdue ones that are counted; of more it is said that there are at least so many. */
const OVERDUE_MOST = 300;

/** Milliseconds between two looks at what is overdue, and before another try after a failure. */
const REST = 30_000;

/** Places that are kept. */
const KEPT = 5000;

export class EventDetails {
  #places = new Map();
  #abort = null;
  #busy = false;
  #failedAt = -Infinity;
  #overdue = { ids: new Set(), complete: true, known: false };
  #overdueOf = '';
  #overdueAt = -Infinity;
  #timer = null;

  /** `url` of the events; `clock` in milliseconds. */
  constructor({ store, url, clock = () => performance.now() }) {
    Object.assign(this, { store, url, clock });
  }

  get #view() {
    return this.store.state.eventView;
  }

  /** `{ place, grid }` of an event; undefined where it is not known. */
  placeOf(id) {
    return this.#places.get(id);
  }

  /** Ids of what is overdue in the window; null until it is known. */
  overdue() {
    return this.#overdue.known ? this.#overdue : null;
  }

  /** Have the places of some rows read, unless they are known. Not while a window is played that one page does not hold. */
  async want(rows) {
    const { from, to, total } = this.#view;
    const whole = total <= PAGE;
    const missing = rows.filter(({ id }) => !this.#places.has(id));
    if (missing.length === 0 || this.#busy || this.clock() - this.#failedAt < REST) return;
    if (this.store.state.playback.playing && !whole) return;
    const times = missing.map(({ at }) => at);
    const span = whole ? { from, to: Math.max(to, ...times.map((at) => at + 1)) } : { from: Math.min(...times), to: Math.max(...times) + 1 };
    this.#busy = true;
    try {
      const found = await this.#page(span, { limit: PAGE });
      if (this.#places.size > KEPT) this.#places.clear();
      // Who is not in the answer, of another's jurisdiction or deleted since, is not asked for again.
      missing.forEach(({ id }) => this.#places.set(id, {}));
      for (const { id, place, grid_code: grid } of found.events) this.#places.set(id, { place, grid });
      this.#busy = false;
      this.store.touch('eventDetails');
    } catch (error) {
      this.#busy = false;
      this.#failedAt = this.clock();
      if (!error.title && error.name !== 'AbortError') throw error; // a fault of this page: let it be seen
    }
  }

  /** The window was read or has grown, or something happened in it: look what is overdue, not more often than needed. */
  async readOverdue() {
    const { from, to, following, status } = this.#view;
    const of = `${from} ${following || to}`;
    if (of !== this.#overdueOf) this.#overdue = { ids: new Set(), complete: true, known: false };
    else if (this.clock() - this.#overdueAt < REST) return this.#later();
    if (status !== 'ready' && status !== 'empty') return undefined;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#abort?.abort();
    this.#overdueOf = of;
    this.#overdueAt = this.clock();
    const { signal } = this.#abort = new AbortController();
    try {
      const { events, next } = await this.#page({ from, to }, { overdue: true, limit: OVERDUE_MOST }, signal);
      this.#overdue = { ids: new Set(events.map(({ id }) => id)), complete: next === null, known: true };
      this.store.touch('eventDetails');
    } catch (error) {
      if (!error.title && error.name !== 'AbortError') throw error;
    }
    return undefined;
  }

  #later() {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (this.store.state.layers.events) this.readOverdue();
    }, REST);
  }

  #page({ from, to }, more, signal) {
    const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), ...more });
    return requestJson(`${this.url}?${query}`, { signal });
  }
}
