/**
 * Fetches again those tiles that a change on the server touches, and no other.
 *
 * A tile that was left in peace for PAUSE milliseconds is asked for at once; otherwise when they are over, so that a
 * burst asks for it at its beginning, in each pause and after its end, and busy tiles put off no other. One that goes
 * on changing is left in peace for twice as long: a storm of changes must not become a storm of requests. A tile that
 * is on its way when its change comes may have been read before it: it is left to arrive and then fetched once more,
 * so the last change always wins and a slow answer is never cut off for ever by the next change.
 */
import { touches } from './tile-changes.js';

/** Least milliseconds from one request for a tile to the next; BUSY after a second one within 2 × BUSY. */
export const PAUSE = 250;
export const BUSY = 500;

/** Look again after so many milliseconds for tiles that are on their way, or while a library is between two states. */
const SOON = 50;

/** Changes kept for one look; a page that slept through more fetches everything in view instead. */
export const MOST_CHANGES = 256;

/** Tiles that failed are asked for again after the first of these, then after twice as long each time, up to the last. */
export const RETRY = { first: 10_000, most: 60_000 };

/** The tiles' own tag tells an unchanged one: it costs a question and no bytes. */
const EVERYTHING = {};

const key = ({ z, x, y }) => `${z}/${x}/${y}`;

export class TileUpdates {
  #changes = [];
  #waiting = new Map();
  #asked = new Map();
  #next = { at: Infinity };
  #retry = { timer: null, delay: RETRY.first, at: -Infinity };

  /**
   * @param {object} parts
   * @param {() => object[]} parts.sources what holds tiles right now, as loaded-tiles.js tells it
   * @param {() => void} [parts.onReload] some tiles are being fetched again
   * @param {() => void} [parts.onRetry] it is time to ask again for tiles that failed
   * @param {object} [parts.clock] `{ now, setTimeout }`
   */
  constructor({ sources, onReload = () => {}, onRetry = () => {}, clock = {} }) {
    Object.assign(this, { sources, onReload, onRetry });
    this.now = clock.now ?? (() => performance.now());
    this.setTimeout = clock.setTimeout ?? ((callback, ms) => setTimeout(callback, ms));
  }

  /** Take the changes of one message of the stream: `{ layer, minzoom, maxzoom, z, cells }` each. */
  changed(changes) {
    this.#changes.push(...changes);
    if (this.#changes.length > MOST_CHANGES) this.#changes = [EVERYTHING];
    this.#plan(0);
  }

  /** Ask for every tile in view again: something may have been missed, or tiles had failed. */
  revalidate() {
    this.#changes = [EVERYTHING];
    this.#plan(0);
  }

  /** A tile could not be fetched: nobody may be there to press a button, so it is asked for again after a while. */
  failed() {
    const retry = this.#retry;
    if (retry.timer !== null) return;
    if (this.now() - retry.at > 2 * retry.delay) retry.delay = RETRY.first; // the last time went well
    retry.timer = this.setTimeout(() => {
      Object.assign(retry, { timer: null, delay: Math.min(RETRY.most, 2 * retry.delay), at: this.now() });
      this.onRetry();
    }, retry.delay);
  }

  /** Look in so many milliseconds, unless that happens sooner anyway. */
  #plan(delay) {
    const at = this.now() + delay;
    if (at >= this.#next.at) return;
    const mine = { at };
    this.#next = mine;
    this.setTimeout(() => mine === this.#next && this.#look(), delay);
  }

  #look() {
    this.#next = { at: Infinity };
    const sources = this.sources().map((source) => ({ ...source, inView: source.tiles() }));
    if (sources.some(({ inView }) => inView === null)) return this.#plan(SOON);
    const changes = this.#changes;
    this.#changes = [];
    const done = sources.map((source) => this.#fetch(source, changes));
    if (done.some(({ fetched }) => fetched > 0)) this.onReload();
    const rest = Math.min(...done.map((each) => each.rest));
    if (rest < Infinity) this.#plan(rest);
    return undefined;
  }

  /** @returns how many tiles of a source are fetched again, and in how many milliseconds to look at it once more */
  #fetch({ id, names, inView, reload, forget }, changes) {
    const waiting = this.#waiting.get(id) ?? new Set();
    const concerned = changes.filter((change) => change === EVERYTHING || names.has(change.layer));
    if (waiting.size === 0 && concerned.length === 0) return { fetched: 0, rest: Infinity };
    const stale = (tile) => waiting.has(key(tile))
      || concerned.some((change) => change === EVERYTHING || touches(change, tile));
    forget(stale);
    const now = this.now();
    const asked = new Map([...this.#asked.get(id) ?? []].filter(([, { at }]) => now - at < 2 * BUSY));
    const rests = new Map(); // of each stale tile; one of several copies of the world may be on its way
    for (const tile of inView.filter(stale)) {
      const name = key(tile);
      const { at, pause } = asked.get(name) ?? { at: -Infinity, pause: 0 };
      const rest = Math.max(at + pause - now, tile.loading ? SOON : 0, 0);
      rests.set(name, Math.max(rest, rests.get(name) ?? 0));
    }
    const ready = new Map(inView.filter((tile) => rests.get(key(tile)) === 0).map((tile) => [key(tile), tile]));
    for (const name of ready.keys()) {
      rests.delete(name);
      asked.set(name, { at: now, pause: asked.has(name) ? BUSY : PAUSE });
    }
    this.#asked.set(id, asked);
    this.#waiting.set(id, new Set(rests.keys()));
    if (ready.size > 0) reload([...ready.values()].map(({ z, x, y }) => ({ z, x, y })));
    return { fetched: ready.size, rest: Math.min(...rests.values()) };
  }
}
