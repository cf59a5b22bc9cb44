/**
 * Fetches again those tiles that a change on the server touches, and no other.
 *
 * Changes are gathered for PAUSE milliseconds, so that a burst asks for a tile once. A tile that is on its way when
 * its change comes may have been read before it: it is left to arrive and then fetched once more, so the last change
 * always wins and a slow answer is never cut off for ever by the next change.
 */
import { touches } from './tile-changes.js';

export const PAUSE = 250;

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
  #timer = null;
  #last = -Infinity;
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
    this.#plan();
  }

  /** Ask for every tile in view again: something may have been missed, or tiles had failed. */
  revalidate() {
    this.#changes = [EVERYTHING];
    this.#plan();
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

  #plan() {
    this.#timer ??= this.setTimeout(() => this.#look(), Math.max(0, this.#last + PAUSE - this.now()));
  }

  #look() {
    this.#timer = null;
    this.#last = this.now();
    const sources = this.sources().map((source) => ({ ...source, inView: source.tiles() }));
    if (sources.some(({ inView }) => inView === null)) return this.#plan();
    const changes = this.#changes;
    this.#changes = [];
    let fetched = 0;
    for (const source of sources) fetched += this.#fetch(source, changes);
    if (fetched > 0) this.onReload();
    if ([...this.#waiting.values()].some(({ size }) => size > 0)) this.#plan();
    return undefined;
  }

  /** @returns how many tiles of a source are fetched again */
  #fetch({ id, names, inView, reload, forget }, changes) {
    const waiting = this.#waiting.get(id) ?? new Set();
    const concerned = changes.filter((change) => change === EVERYTHING || names.has(change.layer));
    if (waiting.size === 0 && concerned.length === 0) return 0;
    const stale = (tile) => waiting.has(key(tile))
      || concerned.some((change) => change === EVERYTHING || touches(change, tile));
    forget(stale);
    const found = inView.filter(stale);
    const loading = new Set(found.filter((tile) => tile.loading).map(key));
    this.#waiting.set(id, loading);
    const ready = new Map(found.filter((tile) => !loading.has(key(tile))).map((tile) => [key(tile), tile]));
    if (ready.size > 0) reload([...ready.values()].map(({ z, x, y }) => ({ z, x, y })));
    return ready.size;
  }
}
