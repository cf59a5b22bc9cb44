/** 检索: what a person types is looked for while they type; what they choose is flown to and opened. */
import { requestJson } from '../api.js';
import { FoundMark } from '../layers/found-mark.js';
import { NO_SEARCH } from './search-state.js';

/** Characters from which a question is asked. */
export const SHORTEST = 2;

/** Milliseconds after the last key. */
const PAUSE = 120;

/** So many are shown; who sees more than that types another character. */
const MOST = 12;

/** How near to go, by kind: zoom at 1080p. Kinds that are not here are as near as a building. */
const ZOOMS = { area: 14.6, grid: 16, place: 16 };

/**
 * A label cut where a question stands in it, for showing what was found by: [before, the same, after]. Pinyin and codes
 * leave the label whole.
 */
export function cutAt(label, question) {
  const from = label.toLowerCase().indexOf(question.trim().toLowerCase());
  if (question.trim() === '' || from < 0) return [label, '', ''];
  const to = from + question.trim().length;
  return [label.slice(0, from), label.slice(from, to), label.slice(to)];
}

export class Search {
  #abort = null;
  #timer = null;
  #cityMap = null;
  #mark = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {string} parts.url of the search
   * @param {(found: object) => void} parts.openFound opens what the page has to say about it
   * @param {(longitude: number, latitude: number, zoom?: number) => void} parts.flyTo
   */
  constructor({ store, url, openFound, flyTo }) {
    Object.assign(this, { store, url, openFound, flyTo });
  }

  opened(cityMap) {
    this.#cityMap = cityMap;
  }

  /** Escape closes the list first. */
  putAway() {
    const { open } = this.#state;
    if (open) this.#set({ open: false });
    return open;
  }

  /** What was marked is no longer what the page is about. */
  close() {
    this.#mark?.remove();
    this.#mark = null;
  }

  /** What a person has typed so far. */
  type(text) {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    const question = text.trim();
    if (question.length < SHORTEST) {
      this.#set({ ...NO_SEARCH, text, open: question.length > 0, status: question ? 'short' : 'idle' });
      return;
    }
    this.#set({ text, open: true, status: 'waiting' });
    this.#timer = setTimeout(() => this.#ask(question), PAUSE);
  }

  async #ask(question) {
    const { signal } = this.#abort = new AbortController();
    try {
      const { results } = await requestJson(`${this.url}?${new URLSearchParams({ q: question, limit: MOST })}`, { signal });
      this.#set({ status: results.length ? 'found' : 'nothing', results, chosen: results.length ? 0 : -1, error: null });
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      this.#set({ status: 'failed', results: [], chosen: -1, error });
    }
  }

  /** Once more what is typed. */
  retry() {
    this.type(this.#state.text);
  }

  /** Show the list again, as it was left. */
  show() {
    if (this.#state.status !== 'idle') this.#set({ open: true });
  }

  /** Choose the next one (1) or the one before (-1). */
  move(step) {
    const { results, chosen } = this.#state;
    if (results.length > 0) this.#set({ open: true, chosen: (chosen + step + results.length) % results.length });
  }

  /** Go to the chosen one. */
  take() {
    const { results, chosen, open } = this.#state;
    if (open && results[chosen]) this.go(results[chosen]);
  }

  /** Fly to something found, open what is known of it, and mark where it is. */
  go(found) {
    this.#set({ open: false });
    this.openFound(found);
    this.close();
    const { lon, lat, kind, label } = found;
    if (this.#cityMap === null || !Number.isFinite(lon)) return;
    this.#mark = new FoundMark(this.#cityMap, { kind, label, lon, lat });
    this.flyTo(lon, lat, ZOOMS[kind]);
  }

  get #state() {
    return this.store.state.search;
  }

  #set(changes) {
    this.store.set('search', { search: { ...this.#state, ...changes } });
  }
}
