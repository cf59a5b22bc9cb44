/** 事件热力: read the events of the chosen window and keep the heat's state. Only the newest request counts. */
import { requestJson } from './api.js';
import { densityCeiling, withRecent } from './layers/events.js';
import { resolveWindow } from './time-window.js';

export class Heat {
  #abort = null;
  #points = null;

  constructor({ store, url }) {
    Object.assign(this, { store, url });
  }

  /** Columns to draw, with what arrived since they were read; null while the heat is off or not yet read. */
  points() {
    const { layers, heat } = this.store.state;
    if (!layers.heat || this.#points === null) return null;
    return withRecent(this.#points, this.store.events, { from: heat.from, to: heat.following ? Infinity : heat.to });
  }

  async load() {
    this.#abort?.abort();
    if (!this.store.state.layers.heat) return;
    this.#abort = new AbortController();
    const { from, to } = resolveWindow(this.store.state.window, this.store.now());
    this.#set({ status: 'loading', error: null, from, to });
    const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
    try {
      const answer = await requestJson(`${this.url}?${query}`, { signal: this.#abort.signal });
      this.#points = { lon: answer.lon, lat: answer.lat, at: answer.at, readAt: this.store.now() };
      this.#set({
        status: answer.total ? 'ready' : 'empty', total: answer.total, at: answer.at, from, to,
        // A window that moves with the clock goes on to take in what happens from now on.
        following: Boolean(this.store.state.window.preset),
        max: densityCeiling(answer),
      });
    } catch (error) {
      if (error.name === 'AbortError') return;
      this.#points = null;
      this.#set({ status: 'failed', error });
    }
  }

  #set(changes) {
    this.store.set('heat', { heat: { ...this.store.state.heat, ...changes } });
  }
}
