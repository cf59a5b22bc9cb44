/** 告警洪水: ask the server whether there is one, when new alarms come and while it lasts. */
import { floodGoesOn } from './alarm-groups.js';
import { requestJson } from '../api.js';

/** Milliseconds: between two questions, and from one to the next while a flood lasts or the server is away. */
export const PAUSE = 2000;
export const WHILE_ON = 15_000;

export class FloodWatch {
  #newest = 0;
  #timer = null;
  #due = 0;
  #last = -Infinity;
  #reading = false;

  /** `store` holds the state; `url` is the address of the alarms. */
  constructor({ store, url }) {
    Object.assign(this, { store, url });
  }

  /** All open alarms were told: those that are new may be a flood. */
  begin() {
    this.#newest = Math.max(this.#newest, ...this.store.alarms.keys());
    this.#ask(0);
  }

  /** An alarm was told; only a new one is a question. */
  hear({ id }) {
    if (id <= this.#newest) return;
    this.#newest = id;
    this.#ask(Math.max(0, this.#last + PAUSE - performance.now()));
  }

  #ask(delay) {
    const due = performance.now() + delay;
    if (this.#timer !== null && this.#due <= due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => this.#read(), delay);
  }

  async #read() {
    this.#timer = null;
    if (this.#reading) { // a server in a flood may be slow: one question at a time
      this.#ask(PAUSE);
      return;
    }
    this.#reading = true;
    this.#last = performance.now();
    try {
      const answer = await requestJson(`${this.url}/flood`);
      const on = floodGoesOn(this.store.state.flood.on, answer);
      this.store.set('alarms', {
        flood: { on, new: answer.new, limit: answer.limit, windowSeconds: answer.window_s },
      });
      if (on) this.#ask(WHILE_ON);
    } catch (error) {
      if (!error.title) throw error;
      if (error.status !== 401 && error.status !== 403) this.#ask(WHILE_ON); // what was said last stands
    } finally {
      this.#reading = false;
    }
  }
}
