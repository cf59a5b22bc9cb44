/** Reads the tour from the server, again and again, and goes through it. */
import { ApiError, requestJson } from '../api.js';
import { address } from '../config.js';
import { Tour } from './tour.js';

/** Milliseconds: least between two readings, where a round ends, and the wait after a failure. */
const LEAST = 60_000;
const AGAIN = 20_000;

export class TourDesk {
  #tour = new Tour();
  #readAt = -Infinity;
  #missing = false;
  #timer = null;

  /**
   * @param {object} parts
   * @param {{tour: string}} parts.urls
   * @param {number|null} parts.id of the tour; null for the one that the server makes
   * @param {import('../store.js').Store} parts.store
   * @param {() => number} parts.now
   * @param {(stop: object) => void} parts.onStop the wall is to stand there
   */
  constructor({ urls, id, store, now, onStop, request = requestJson }) {
    Object.assign(this, { urls, id, store, now, onStop, request });
  }

  start() {
    return this.#read();
  }

  /** A stream begins: what is on record may be other things by now. */
  streamBegan() {
    if (this.#readAt > -Infinity) this.#read();
  }

  get length() {
    return this.#tour.length;
  }

  look(now) {
    const what = this.#tour.look(now);
    if (what === null) return;
    if (what === 'round' && now - this.#readAt > LEAST) this.#read();
    this.#tell();
    this.onStop(this.#tour.stop);
  }

  wait() {
    this.#tour.wait();
  }

  /** Stand at this stop again: something else was shown, or the window is another. */
  again() {
    this.#tour.wait();
  }

  go(steps) {
    this.#tour.go(steps);
  }

  /** Go through stops that are not on record: the editor tries them. */
  try(tour) {
    this.#tour.take(tour);
    this.#tour.wait();
    this.#tell();
  }

  async #read() {
    this.#readAt = this.now();
    clearTimeout(this.#timer);
    try {
      this.#take(await this.#asked());
    } catch (error) {
      if (!error.title) throw error;
      this.#timer = setTimeout(() => this.#read(), AGAIN);
    }
  }

  async #asked() {
    if (this.id === null) return this.request(address(this.urls.tour, { id: 'default' }));
    try {
      const tour = await this.request(address(this.urls.tour, { id: this.id }));
      this.#missing = false;
      return tour;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
      this.#missing = true; // it was deleted: the wall goes on with what the server makes
      return this.request(address(this.urls.tour, { id: 'default' }));
    }
  }

  #take(tour) {
    this.#tour.take(tour);
    this.#tell();
  }

  #tell() {
    const { name, at, length, skipped, stop } = this.#tour;
    const tour = { name, at, length, skipped, missing: this.#missing, title: stop?.title ?? '', show: stop?.show ?? null };
    this.store.set('wall', { wall: { ...this.store.state.wall, tour } });
  }
}
