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

/** The tiles' own tag tells an unchanged one: it costs a question and no bytes. */
const EVERYTHING = {};

const key = ({ z, x, y }) => `${z}/${x}/${y}`;

export class TileUpdates {
  #changes = [];
  #waiting = new Map();
  #timer = null;
  #last = -Infinity;

  /**
   * @param {object} parts
   * @param {() => object[]} parts.sources what holds tiles right now, as loaded-tiles.js tells it
   * @param {() => void} [parts.onReload] some tiles are being fetched again
   * @param {object} [parts.clock] `{ now, setTimeout }`
   */
  constructor({ sources, onReload = () => {}, clock = {} }) {
    Object.assign(this, { sources, onReload });
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
