/** 网格卡片: the grid that is open beside the map: what is on record, its days, its worst buildings, its rooms to visit. */
import { requestJson } from '../api.js';
import { address } from '../config.js';
import { chosenGridLayers } from '../layers/grid-areas.js';
import { withPage } from './room-groups.js';
import { NO_GRID } from './grid-state.js';

/** Buildings with open alarms that are listed; pages of rooms are of so many buildings, of which few may have any. */
const WORST = 5;
const PAGE = 100;
const PAGES_AT_ONCE = 10;

/** After a change of the grid its buildings are read again, once for a burst. */
export const PAUSE = 1500;

export class GridDesk {
  #abort = null;
  #timer = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {{grid: string, kpi: string, rollup: string, survey?: string}} parts.urls `survey` only for who may read tasks
   * @param {import('./grid-figures.js').GridFigures} parts.figures
   */
  constructor({ store, urls, figures }) {
    Object.assign(this, { store, urls, figures });
    this.hears = { kpi: ({ code }) => code === this.#open.code && this.#worstSoon(), snapshot: () => this.#worstSoon() };
  }

  restore({ grid, alarm, warning, building }) {
    if (grid && !alarm && !warning && !building) this.open(grid); // the place beside the map is one
  }

  linked() {
    return { grid: this.#open.code };
  }

  layers({ state: { grid: { place } }, style, scale, below }) {
    return place === null ? {} : { lines: chosenGridLayers(place.geometry, { style, scale, beforeId: below.labels }) };
  }

  get #open() {
    return this.store.state.grid;
  }

  #set(changes) {
    this.store.set('grids', { grid: { ...this.#open, ...changes } });
  }

  /** Read all about a grid. Only the newest request counts; what cannot be read leaves the rest as it is. */
  async open(code) {
    this.#abort?.abort();
    const { signal } = this.#abort = new AbortController();
    const { survey, kpi, grid } = this.urls;
    this.#set({ ...NO_GRID, status: 'loading', code, rooms: { ...NO_GRID.rooms, status: survey ? 'loading' : 'closed' } });
    try {
      const place = await requestJson(address(grid, { code }), { signal });
      if (signal.aborted) return;
      this.figures.takeRates(code, place.rates);
      this.#set({ status: 'open', place });
      await Promise.all([
        this.#part('days', `${kpi}?${new URLSearchParams({ within: code })}`, ({ measures }) => measures, signal),
        this.#readWorst(signal),
        survey ? this.more() : undefined,
      ]);
    } catch (error) {
      if (signal.aborted) return;
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      this.#set({ status: error.status === 404 ? 'missing' : 'failed', error });
    }
  }

  /** One part of the card; an error stands in its place. */
  async #part(name, url, take, signal) {
    try {
      const answer = await requestJson(url, { signal });
      if (!signal.aborted) this.#set({ [name]: take(answer) });
    } catch (error) {
      if (signal.aborted) return;
      if (!error.title) throw error;
      this.#set({ [name]: error });
    }
  }

  #readWorst(signal) {
    const query = new URLSearchParams({ level: 'building', within: this.#open.code, limit: WORST });
    return this.#part('worst', `${this.urls.rollup}?${query}`, ({ places, total }) => ({ places, total }), signal);
  }

  #worstSoon() {
    if (this.#open.status !== 'open') return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (this.#open.status === 'open') this.#readWorst(this.#abort.signal);
    }, PAUSE);
    this.#timer.unref?.(); // Node's tests end without it
  }

  /** The next buildings with rooms to visit; pages without any are passed over. */
  async more() {
    const { signal } = this.#abort;
    const { code } = this.#open;
    let { groups, next } = this.#open.rooms;
    const before = groups.length;
    this.#setRooms({ status: 'loading', error: null });
    try {
      for (let page = 0; page < PAGES_AT_ONCE && next !== null && groups.length === before; page += 1) {
        const query = new URLSearchParams({ grid: code, limit: PAGE, after: next });
        const answer = await requestJson(`${this.urls.survey}?${query}`, { signal });
        groups = withPage(groups, answer);
        next = answer.next;
      }
      if (!signal.aborted) this.#setRooms({ status: 'open', groups, next });
    } catch (error) {
      if (signal.aborted) return;
      if (!error.title) throw error;
      this.#setRooms({ status: 'failed', error });
    }
  }

  #setRooms(changes) {
    this.#set({ rooms: { ...this.#open.rooms, ...changes } });
  }

  retry() {
    return this.open(this.#open.code);
  }

  /** The grid itself, or the building that was opened from it. */
  showTab(tab) {
    this.#set({ tab });
  }

  close() {
    if (this.#open.status === 'closed') return;
    this.#abort?.abort();
    this.#set({ ...NO_GRID });
  }
}
