/** Outlines of the buildings that have an open alarm, read once each. */
import { requestJson } from '../api.js';

/** The server takes at most this many ids in one request. */
const BATCH = 100;

/** Outlines kept; more alarmed buildings than this are shown by their marks only. */
const MOST = 600;

export class Footprints {
  #known = new Map();
  #asked = new Set();

  /** `onArrival()` is called when outlines came in that `get` did not have before. */
  constructor({ url, onArrival }) {
    Object.assign(this, { url, onArrival });
  }

  /** { geometry, drawn_height_m, base_m } of a building, or undefined while it is not here. */
  get(id) {
    return this.#known.get(id);
  }

  /** Make room: a page that runs for weeks has shown more buildings than it may keep. */
  #forget(wanted) {
    for (const id of [...this.#asked].filter((one) => !wanted.has(one))) {
      this.#asked.delete(id);
      this.#known.delete(id);
    }
  }

  /** Ask for those of `ids` that are not here yet. A failure is silent: the mark still shows the alarm. */
  async want(ids) {
    const wanted = new Set(ids);
    const missing = [...wanted].filter((id) => Number.isSafeInteger(id) && !this.#asked.has(id));
    if (this.#asked.size + missing.length > MOST) this.#forget(wanted);
    missing.splice(Math.max(0, MOST - this.#asked.size));
    for (const id of missing) this.#asked.add(id);
    for (let start = 0; start < missing.length; start += BATCH) {
      const batch = missing.slice(start, start + BATCH);
      try {
        const { buildings } = await requestJson(`${this.url}?ids=${batch.join(',')}`);
        for (const building of buildings) this.#known.set(building.id, building);
        this.onArrival();
      } catch {
        for (const id of batch) this.#asked.delete(id); // asked again with the next change
      }
    }
  }
}
