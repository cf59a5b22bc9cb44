/** 补载: when most alarms of the page are handled and others were left out, ask for the next most urgent ones. */
import { requestJson } from '../api.js';

/** So few are left on the page that the next ones are asked for, and milliseconds between two questions. */
export const BELOW = 500;
export const PAUSE = 5000;

export class AlarmRefill {
  #last = -Infinity;
  #asking = false;

  /** `store` holds the state; `url` is the address of the snapshot. */
  constructor({ store, url, now = () => performance.now() }) {
    Object.assign(this, { store, url, now });
    store.subscribe(['alarms'], () => this.look());
  }

  /** Ask when it is time; what fails is asked again with the next change. */
  async look() {
    const { store } = this;
    if (this.#asking || store.alarmsDropped === 0 || store.alarms.size >= BELOW || this.now() < this.#last + PAUSE) return;
    this.#asking = true;
    this.#last = this.now();
    try {
      store.addLeftOut(await requestJson(this.url));
    } catch (error) {
      if (!error.title) throw error;
    } finally {
      this.#asking = false;
    }
  }
}
