/**
 * 回看: the whole picture as of an instant of the past. What the server says of it stands beside the live state, which goes
 * on meanwhile; panels and marks show the one or the other. Only the newest request counts.
 */
import { requestJson } from '../api.js';
import { isPending, severityOf } from '../alarms/alarm-terms.js';
import { columnsOf } from '../events/event-columns.js';
import { instant } from '../format.js';
import { keeperLayer } from '../layers/keepers-past.js';
import { memo } from '../memo.js';
import { NO_PAST } from './past-state.js';
import { hourOn, midnightOf } from './zoned-time.js';

const MINUTE = 60_000;

/** Milliseconds without another instant after which one is asked for: a slider is dragged through many. */
const REST = 200;

/** How far back one begins to look, and how far playing goes on each second. */
const FIRST_LOOK = 60 * MINUTE;
const STEP = 15 * MINUTE;
const PAUSE = 1000;

const LISTS = { classes: [], origins: [], states: ['open', 'dispatched', 'accepted', 'rejected', 'done', 'closed'] };

export class Past {
  #abort = null;
  #timer = null;

  /** Ids of alarms that were on the page before, or were told of since; null while nothing is known of them. */
  #known = null;

  #marksOf = null;
  #cityMap = null;

  #columns = memo((picture) => columnsOf(picture?.events ?? [], LISTS));

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {{picture: string, marks: string}} parts.urls
   * @param {string} parts.timeZone the command centre's
   * @param {HTMLElement} parts.root says to the style sheets whether it is now
   * @param {() => void} parts.onOpen it is not now any more
   */
  constructor({ store, urls, timeZone, root, onOpen }) {
    Object.assign(this, { store, urls, timeZone, root, onOpen });
    this.hears = { alarm: (alarm) => this.#hear(alarm), snapshot: ({ alarms = [] }) => this.#hearSnapshot(alarms) };
  }

  restore({ at, alarmThen }) {
    if (at) this.open(at, alarmThen ?? null);
  }

  linked() {
    const { on, at, selected } = this.#state;
    return on ? { at, alarm: selected } : {};
  }

  opened(cityMap) {
    this.#cityMap = cityMap;
    cityMap.map.on('load', () => this.#showBoundaries());
  }

  layers({ state: { past }, scale, below, style }) {
    const keepers = past.on ? past.picture?.keepers : null;
    return keepers?.length ? { marked: [keeperLayer(keepers, { scale, style, beforeId: below.labels })] } : {};
  }

  /** Escape: it is now again. */
  putAway() {
    if (!this.#state.on) return false;
    this.leave();
    return true;
  }

  get #state() {
    return this.store.state.past;
  }

  #set(changes) {
    this.store.set('past', { past: { ...this.#state, ...changes } });
  }

  /** Events of the instant as columns; null while it is now. */
  events() {
    return this.#state.on ? this.#columns(this.#state.picture) : null;
  }

  // --- going there and back --------------------------------------------------------------------------------

  /**
   * Look at an instant, milliseconds since 1970; an hour ago where none is said. What a handover froze is of a second, and so is
   * its replay: in the minute around it alarms come and go.
   */
  open(at = this.#minute(this.store.now() - FIRST_LOOK), selected = null) {
    this.#known = this.store.alarmsKnown ? new Set(this.store.alarms.keys()) : null;
    this.root.dataset.past = '';
    this.onOpen();
    this.#set({ ...NO_PAST, on: true, at, selected, status: 'loading' });
    this.#ask();
    this.#readMarks();
  }

  /** It is now again. */
  leave() {
    this.#abort?.abort();
    clearTimeout(this.#timer);
    this.#marksOf = null;
    delete this.root.dataset.past;
    this.store.set('past', { past: { ...NO_PAST } });
    this.#showBoundaries();
  }

  #minute(at) {
    return Math.floor(at / MINUTE) * MINUTE;
  }

  /** An alarm of the instant is looked at. */
  select(id) {
    this.#set({ selected: id });
  }

  /** Look at another instant; what is to come is not looked at. */
  go(at, { playing = false } = {}) {
    if (!Number.isFinite(at)) return;
    const to = Math.min(this.#minute(at), this.#minute(this.store.now()));
    this.#set({ at: to, status: 'loading', error: null, playing: playing && to > this.#state.at });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), playing ? 0 : REST);
    this.#readMarks();
  }

  /** The same time on another day, "2026-11-22". */
  goDay(day) {
    const { at } = this.#state;
    const midnight = midnightOf(day, this.timeZone);
    this.go(midnight + at - hourOn(at, 0, this.timeZone));
  }

  retry() {
    this.go(this.#state.at);
  }

  toggle() {
    const { playing, at } = this.#state;
    if (playing) {
      clearTimeout(this.#timer);
      this.#set({ playing: false });
    } else this.go(at + STEP, { playing: true });
  }

  /** Go on in a second; not while nobody sees it. */
  #waitOn() {
    this.#timer = setTimeout(() => {
      if (this.root.ownerDocument.hidden) this.#waitOn();
      else this.go(this.#state.at + STEP, { playing: true });
    }, PAUSE);
  }

  async #ask() {
    this.#abort?.abort();
    const { signal } = this.#abort = new AbortController();
    const { at } = this.#state;
    try {
      const picture = await requestJson(`${this.urls.picture}?${new URLSearchParams({ at: new Date(at).toISOString() })}`, { signal });
      this.#set({ status: 'ready', picture, alarms: picture.alarms });
      this.#showBoundaries();
      if (this.#state.playing) this.#waitOn();
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      // What was shown before is of another instant.
      this.#set({ status: 'failed', error, picture: null, alarms: [], playing: false });
    }
  }

  /** When something came in on the day of the instant; without it the slider is bare, and the next day asks again. */
  async #readMarks() {
    const { at } = this.#state;
    const [from, to] = [hourOn(at, 0, this.timeZone), hourOn(at, 24, this.timeZone)];
    if (this.#marksOf === from) return;
    this.#marksOf = from;
    try {
      const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
      const marks = await requestJson(`${this.urls.marks}?${query}`);
      if (this.#marksOf === from) this.#set({ marks: { ...marks, boundaries: marks.boundaries.map(instant) } });
      this.#showBoundaries();
    } catch (error) {
      if (!error.title) throw error;
      if (this.#marksOf === from) this.#marksOf = null;
    }
  }

  /** Boundaries stand for long: tiles are asked for by the instant from which on they stood so, not by each that is looked at. */
  #showBoundaries() {
    const { on, at, marks } = this.#state;
    if (this.#cityMap === null || (on && marks === null)) return;
    const later = on && marks.boundaries.some((change) => change > at);
    const since = later ? marks.boundaries.filter((change) => change <= at).at(-1) ?? at : null;
    // A tile is of the minute that is asked for: the next one has the change in it.
    this.#cityMap.showBoundaries(since === null ? null : Math.min(at, this.#minute(since) + MINUTE));
  }

  /** What comes meanwhile is shown when it is now again; that something critical came is said at once. */
  #hear(alarm) {
    if (!this.#state.on || (this.#known?.has(alarm.id) ?? false)) return;
    this.#known ??= new Set();
    this.#known.add(alarm.id);
    if (severityOf(alarm) === 'critical' && isPending(alarm)) this.#set({ missed: this.#state.missed + 1 });
  }

  #hearSnapshot(alarms) {
    if (this.#known === null) this.#known = new Set(alarms.map(({ id }) => id));
    else alarms.forEach((alarm) => this.#hear(alarm));
  }
}
