/**
 * 各级楼栋数: how many buildings on record are in each class of the legend. Asked when the metric is another one, a while
 * after tiles of buildings have changed, and once more when the server's answer was made before that. Only while they
 * are to be seen.
 */
import { requestJson } from '../api.js';

/** Milliseconds from a change to the question: a burst of changes is one question. */
export const PAUSE = 1000;

/** Changes that tell of the buildings themselves; others of the layer tell of its sums by cell. */
const ofBuildings = ({ layer, maxzoom }) => layer === 'buildings' && maxzoom > 16;

export class ClassCounts {
  #asked = null;
  #abort = null;
  #timer = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {string} parts.url of the counts
   * @param {(url: string, options: object) => Promise<object>} [parts.request]
   * @param {object} [parts.clock] `{ setTimeout, clearTimeout }`
   */
  constructor({ store, url, request = requestJson, clock = globalThis }) {
    Object.assign(this, { store, url, request, clock });
    this.hears = { 'tiles-changed': ({ changes }) => changes.some(ofBuildings) && this.#stale() };
    store.subscribe(['scene', 'view', 'folded'], () => this.#look());
  }

  streamBegan() {
    this.#stale();
  }

  /** What is known may differ: ask again after a pause. */
  #stale(delay = PAUSE) {
    if (this.#timer !== null) return;
    this.#timer = this.clock.setTimeout(() => {
      this.#timer = null;
      this.#asked = null;
      this.#look();
    }, delay);
  }

  /** The metric whose counts are to be seen; null while there are none. */
  #wanted() {
    const { scene, cellSides, folded } = this.store.state;
    const legend = scene.legend.find(({ layer }) => layer === 'buildings');
    return legend && !legend.live && cellSides === null && !folded.has('metric') ? legend.metric : null;
  }

  async #look() {
    const metric = this.#wanted();
    if (metric === null || metric === this.#asked) return;
    this.#asked = metric;
    this.#abort?.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    try {
      const counts = await this.request(`${this.url}?${new URLSearchParams({ metric })}`, { signal });
      if (signal.aborted) return;
      this.store.set('scene', { classCounts: counts });
      if (counts.age_s > 0) this.#stale(Math.max(PAUSE, (counts.kept_s - counts.age_s) * 1000));
    } catch {
      // The legend does without them; the next change asks again.
      if (!signal.aborted) this.store.set('scene', { classCounts: null });
    }
  }
}
