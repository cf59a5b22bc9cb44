/** What did not come of what lies under the city. None of it is needed by anything else: it is said, and the rest goes on. */
import { failedSources } from '../map/loaded-tiles.js';
import { UNDER } from './under-city.js';

/** A host that swallows requests gives no error: after so long without a tile it is said that none came. */
export const PATIENCE = 8000;

/** The layer of the tree to which a source of the style belongs. */
export const layerOf = (sourceId) => (sourceId.startsWith(`${UNDER}tiles-`) ? 'tiles' : sourceId.slice(UNDER.length));

export class Troubles {
  /** Layer of the tree → 'missing' (did not come) or 'gone' (off the record). */
  #met = new Map();
  #waiting = new Map();

  /** Layers of which it was asked whether they are still on record. */
  #doubted = new Set();

  /**
   * @param {object} parts
   * @param {(troubles: [string, string][]) => void} parts.onChange
   * @param {() => void} parts.onGone the service knows no such source: what is on record is something else by now
   */
  constructor({ onChange, onGone }) {
    Object.assign(this, { onChange, onGone });
  }

  /** Hear of tiles that came. */
  follow(map) {
    map.on('sourcedata', ({ sourceId, tile }) => {
      if (!tile || tile.state !== 'loaded' || !sourceId?.startsWith(UNDER)) return;
      this.forget(layerOf(sourceId));
    });
    map.on('idle', () => {
      for (const id of failedSources(map).filter((source) => source.startsWith(UNDER)).map(layerOf)) this.#doubt(id);
    });
  }

  /** A tile of a layer, or a file of a model, did not come. */
  met(id, status) {
    if (status === 404) this.#doubt(id);
    else this.#say(id, 'missing');
  }

  /** A tile was not there: another host has none, or the source is off the record. Asked once, until one comes. */
  #doubt(id) {
    if (this.#doubted.has(id)) return;
    this.#doubted.add(id);
    if (id === 'tiles') this.#say(id, 'missing');
    else this.onGone();
  }

  /** These were shown and are off the record. */
  gone(ids) {
    for (const id of ids) this.#say(id, 'gone');
  }

  /** Another host was asked: something is to come soon. */
  await(id) {
    clearTimeout(this.#waiting.get(id));
    const timer = setTimeout(() => this.#say(id, 'missing'), PATIENCE);
    timer.unref?.(); // Node's tests end without it
    this.#waiting.set(id, timer);
  }

  /** It came, or nobody wants it any more. */
  forget(id) {
    clearTimeout(this.#waiting.get(id));
    this.#waiting.delete(id);
    this.#doubted.delete(id);
    if (this.#met.delete(id)) this.onChange([...this.#met]);
  }

  #say(id, trouble) {
    if (this.#met.get(id) === trouble) return;
    this.#met.set(id, trouble);
    this.onChange([...this.#met]);
  }
}
