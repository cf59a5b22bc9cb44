/** The store of a page that runs for weeks: its time is the server's, carried on by a clock that nobody can set. */
import { instant } from '../format.js';
import { Store } from '../store.js';

export class SteadyStore extends Store {
  #heard = null;

  constructor({ clock = () => performance.now(), ...parts }) {
    super(parts);
    this.clock = clock;
  }

  now() {
    return this.#heard === null ? Date.now() : this.#heard.time + (this.clock() - this.#heard.at);
  }

  setServerTime(time) {
    const server = instant(time);
    if (Number.isFinite(server)) this.#heard = { time: server, at: this.clock() };
  }
}
