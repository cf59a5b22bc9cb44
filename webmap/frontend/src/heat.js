/** 事件热力: read the events of the chosen window and keep the heat's state. Only the newest request counts. */
import { requestJson } from './api.js';
import { number } from './format.js';
import { t } from './i18n/index.js';
import { densityCeiling, HEAT, heatLayer, withRecent } from './layers/events.js';
import { resolveWindow } from './time-window.js';

export class Heat {
  #abort = null;
  #points = null;

  /**
   * @param {object} parts
   * @param {import('./store.js').Store} parts.store
   * @param {string} parts.url of the events' points
   * @param {(id: string) => object|undefined} parts.described a layer as the server's scene describes it
   */
  constructor({ store, url, described }) {
    Object.assign(this, { store, url, described });
  }

  restore({ heat, window: timeWindow }) {
    if (timeWindow) this.store.state.window = timeWindow;
    if (heat) this.show(true);
  }

  linked() {
    const { layers: { heat }, window: timeWindow } = this.store.state;
    return { heat, window: heat ? timeWindow : undefined };
  }

  layers({ state, below, metresPerPixel }) {
    const [points, layer] = [this.points(), this.described(HEAT)];
    if (points === null || !layer) return {};
    return { over: [heatLayer(layer, points, { max: state.heat.max, metresPerPixel, beforeId: below.labels })] };
  }

  legends() {
    const { heat } = this.store.state;
    if (this.points() === null) return [];
    const colors = this.colors();
    const at = (index) => number((heat.max * index) / (colors.length - 1), 1);
    return [{
      title: `${t('heat.title')} · ${t('heat.density')}`,
      lines: colors.map((color, index) => ({ color, label: index === colors.length - 1 ? `≥ ${at(index)}` : at(index) })).slice(1),
    }];
  }

  /** Colours from few events to many; undefined before there is a scene. */
  colors() {
    return this.described(HEAT)?.props.colorRange;
  }

  show(shown) {
    this.store.set('view', { layers: { ...this.store.state.layers, heat: shown } });
    this.load();
  }

  setWindow(timeWindow) {
    this.store.set('view', { window: timeWindow });
    this.load();
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
