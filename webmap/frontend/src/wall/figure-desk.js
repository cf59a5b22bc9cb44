/**
 * Reads what no stream tells in numbers: the figures with how they were before, and the names of places. The stream says when they
 * may be others: then at once, and while it goes on saying so once in a while.
 */
import { requestJson } from '../api.js';
import { LEVELS } from './roll-up.js';

/** Milliseconds: a change is waited for so long, because more come with it; least between two readings; most. */
const SOON = 200;
const LEAST = 3000;
const MOST = 60_000;

/** Least between two readings when rooms were surveyed: the entry rate is to follow within a second. */
const SURVEYED = 250;

/** After a failure. */
const AGAIN = 10_000;

/** Grids were drawn anew: many changes come at once. */
const SETTLED = 2000;

const MOST_PLACES = 10_000;

export class FigureDesk {
  #timer = null;
  #due = Infinity;
  #readAt = -Infinity;

  /** Ends the reading that is under way; null while there is none. */
  #reading = null;

  /** Milliseconds until what was told since the last reading began is to be read; infinite where nothing was told. */
  #changed = Infinity;

  #placesTimer = null;

  /** Code of a grid → its rooms entered, as the stream told them last. */
  #entered = new Map();

  /**
   * @param {object} parts
   * @param {{kpi: string, rollup: string}} parts.urls
   * @param {import('./roll-up.js').RollUp} parts.rollUp
   * @param {(changes: object) => void} parts.onRead changes of the wall's state
   * @param {(url: string) => Promise<object>} [parts.request]
   * @param {object} [parts.clock] `{ now, setTimeout, clearTimeout }`
   */
  constructor({ urls, rollUp, onRead, request = requestJson, clock = {} }) {
    Object.assign(this, { urls, rollUp, onRead, request });
    this.now = clock.now ?? (() => performance.now());
    this.setTimeout = clock.setTimeout ?? ((callback, ms) => setTimeout(callback, ms));
    this.clearTimeout = clock.clearTimeout ?? ((timer) => clearTimeout(timer));
    this.hears = {
      snapshot: () => this.begin(),
      kpi: (figures) => this.changed(this.#surveyed(figures) ? SURVEYED : LEAST),
      event: () => this.changed(),
      keeper: () => {}, // positions come all the time: the minute's reading knows who is on duty
      'tiles-changed': ({ changes }) => {
        if (changes.some(({ layer }) => layer === 'grids')) this.#placesSoon(SETTLED);
      },
    };
  }

  /** A stream begins: whatever was not told meanwhile may differ. A question from before may have been lost on the way. */
  begin() {
    this.#reading?.abort();
    this.#reading = null;
    this.#plan(0);
    this.#placesSoon(0);
  }

  /** Another day has begun, or the clock was set. */
  anew() {
    this.begin();
  }

  /** Something that the figures count is another now. */
  changed(least = LEAST) {
    this.#changed = Math.min(this.#changed, least);
    this.#plan(Math.max(SOON, this.#readAt + least - this.now()));
  }

  #surveyed({ code, entered }) {
    const before = this.#entered.get(code);
    this.#entered.set(code, entered?.housing);
    return before !== entered?.housing;
  }

  #plan(delay) {
    const due = this.now() + delay;
    if (due >= this.#due) return;
    this.clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = this.setTimeout(() => this.#read(), delay);
  }

  async #read() {
    this.#due = Infinity;
    if (this.#reading !== null) return;
    const reading = new AbortController();
    this.#reading = reading;
    this.#changed = Infinity;
    this.#readAt = this.now();
    try {
      const kpi = await this.request(this.urls.kpi, { signal: reading.signal });
      if (reading.signal.aborted) return;
      this.onRead({ kpi, kpiAt: this.now(), kpiError: null });
      this.#plan(Math.min(this.#changed, MOST));
    } catch (error) {
      if (reading.signal.aborted) return; // another one has taken its place
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      this.onRead({ kpiError: error });
      this.#plan(AGAIN);
    } finally {
      if (this.#reading === reading) this.#reading = null;
    }
  }

  #placesSoon(delay) {
    this.clearTimeout(this.#placesTimer);
    this.#placesTimer = this.setTimeout(() => this.#readPlaces(), delay);
  }

  async #readPlaces() {
    try {
      const answers = await Promise.all(Object.keys(LEVELS).map((level) => this.request(
        `${this.urls.rollup}?${new URLSearchParams({ level, limit: MOST_PLACES })}`)));
      answers.forEach(({ level, places }) => this.rollUp.takePlaces(level, places));
      this.onRead({ placed: true });
    } catch (error) {
      if (!error.title) throw error;
      this.#placesSoon(AGAIN);
    }
  }
}
