/** 事件时段: the events of the chosen window, as the server sent them and as the stream tells of them since. */
import { requestBytes, requestJson } from '../api.js';
import { ALL, countsOf, decodeColumns, eventsOf, filtered, withRecent } from './event-columns.js';
import { memo } from '../memo.js';
import { resolveWindow } from './time-window.js';

export const COLUMNS = 'application/vnd.shapan.columns';

/** Milliseconds within which events that arrive are taken in together. */
const TOGETHER = 1000;

/** Milliseconds within which a page asks again after its stream was away: all pages do. */
const SPREAD = 2000;

/** The address of some events of a window. */
export function asked(url, { from, to }, { classes, origins, finished } = ALL, more = {}) {
  const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), ...more });
  if (classes.length > 0) query.set('classes', classes.join());
  if (origins.length > 0) query.set('origins', origins.join());
  if (finished !== null) query.set('finished', String(finished));
  return `${url}?${query}`;
}

/** Read the columns of a window. @throws {ApiError} */
export const readColumns = (url, options) => requestBytes(url, COLUMNS, decodeColumns, options);

export class EventWindow {
  #abort = null;
  #all = null;
  #counts = [];
  #timer = null;

  #filtered = memo(filtered);
  #counted = memo(countsOf);

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {{columns: string, classes: string}} parts.urls
   * @param {string} parts.timeZone the command centre's
   * @param {string[]} parts.shifts times of day at which its shifts change
   * @param {() => void} parts.onRead the window was read, or has grown
   */
  constructor({ store, urls, timeZone, shifts, onRead }) {
    Object.assign(this, { store, urls, timeZone, shifts, onRead });
  }

  get #state() {
    return this.store.state.eventView;
  }

  #set(changes) {
    this.store.set('eventView', { eventView: { ...this.#state, ...changes } });
  }

  /** The events that are shown, by the filter; null while there are none here. */
  shown() {
    return this.#all === null ? null : this.#filtered(this.#all, this.#state.filter);
  }

  /** [class, origin, state, events] of the whole window. */
  counts() {
    return this.#all !== null && this.#state.complete ? this.#counted(this.#all) : this.#counts;
  }

  /** Read the window anew. Only the newest request counts; what is shown stays until the answer is here. */
  async load() {
    this.#abort?.abort();
    clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.store.state.layers.events) return;
    const { signal } = this.#abort = new AbortController();
    const window = resolveWindow(this.store.state.window, this.store.now(), this.timeZone, this.shifts);
    this.#set({ status: 'loading', error: null, ...window });
    this.readClasses();
    try {
      let answer = await readColumns(asked(this.urls.columns, window), { signal });
      const complete = answer.head.complete;
      // Too many to hold them all: those of the filter may be few enough.
      if (!complete) answer = await readColumns(asked(this.urls.columns, window, this.#state.filter), { signal });
      const { total, most, matching } = answer.head;
      this.#all = eventsOf(answer);
      this.#counts = answer.head.counts;
      this.#set({ status: total > 0 ? 'ready' : 'empty', total, most, matching, complete, held: this.#all !== null });
      this.#takeIn();
      this.onRead();
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      this.#all = null;
      this.#set({ status: 'failed', error, held: false });
    }
  }

  setFilter(changes) {
    this.#set({ filter: { ...this.#state.filter, ...changes } });
    if (this.#state.status === 'ready' && !this.#state.complete) this.load();
  }

  /** Something happened: take it in soon, unless the window is being played. */
  hear() {
    if (this.#timer !== null || this.#all === null || !this.#state.complete) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#takeIn()) this.onRead();
    }, TOGETHER);
  }

  /** What the stream did not tell. */
  missed() {
    if (this.store.state.layers.events && this.#state.status !== 'idle') {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.load(), Math.random() * SPREAD);
    }
  }

  /** @returns whether anything is other */
  #takeIn() {
    const { from, to, following } = this.#state;
    if (this.#all === null || this.store.state.playback.on || !this.#state.complete) return false;
    const grown = following ? Math.max(to, this.store.now()) : to;
    const now = withRecent(this.#all, this.store.events, { from, to: grown });
    if (now === this.#all) return false;
    this.#all = now;
    this.#set({ to: grown, total: now.length, matching: now.length, status: now.length > 0 ? 'ready' : 'empty' });
    return true;
  }

  /** Names of classes; without them the codes stand, and the next window asks again. */
  async readClasses() {
    if (this.store.state.eventClasses.size > 0) return;
    try {
      const { classes } = await requestJson(this.urls.classes);
      this.store.set('eventView', { eventClasses: new Map(classes.map((one) => [one.code, one])) });
    } catch (error) {
      if (!error.title) throw error;
    }
  }
}
