/** 预警: what is known of the warnings in force beyond what the stream tells, and the one whose details are open. */
import { requestJson } from '../api.js';
import { address } from '../config.js';
import { instant } from '../format.js';
import { NO_WARNING } from './warning-state.js';
import { inOrder, levelOf } from './warning-terms.js';

/** What becomes of the details by the status of an answer; any other trouble is worth another try. */
const FAILURES = { 403: 'forbidden', 404: 'missing' };

/**
 * Warnings whose residents are counted without being asked for, and milliseconds within which a page asks: all pages
 * hear of a warning at once.
 */
export const COUNTED = 6;
export const SPREAD = 1500;

/** Milliseconds after the end of a warning at which it leaves without a word of the server, and the longest wait. */
const GRACE = 3000;
const LONGEST = 3_600_000;

export class WarningDesk {
  #abort = null;
  #counting = false;
  #timer = null;

  /** Ids heard of; null before the first snapshot. */
  #known = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {string} parts.url of the warnings
   * @param {(milliseconds: number) => Promise<void>} [parts.pause]
   */
  constructor({ store, url, pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); }) }) {
    Object.assign(this, { store, url, pause });
    this.hears = { snapshot: () => this.#receiveSnapshot(), warning: (warning) => this.#receive(warning) };
  }

  restore({ warning, alarm }) {
    if (warning && !alarm) this.open(warning); // the place beside the map is the alarm's
  }

  linked() {
    return { warning: this.store.state.warning.id };
  }

  get #open() {
    return this.store.state.warning;
  }

  #set(changes) {
    this.store.set('warning', { warning: { ...this.#open, ...changes } });
  }

  // --- what is in force ------------------------------------------------------------------------------------

  #receiveSnapshot() {
    const { concerned } = this.store.state;
    for (const [id, found] of concerned) if (found === null) concerned.delete(id); // failed: now there is a connection
    this.#look();
    this.#check();
  }

  #receive(warning) {
    this.store.applyWarning(warning);
    if (warning.id === this.#open.id) this.#set({ warning });
    this.#look();
  }

  #look() {
    const { warnings, state } = this.store;
    if (this.#known !== null) {
      const fresh = inOrder(warnings.values()).find((one) => one.real && levelOf(one) === 'Extreme' && !this.#known.has(one.id));
      if (fresh) state.newExtreme = fresh.id;
    }
    this.#known = new Set(warnings.keys());
    for (const id of state.concerned.keys()) if (!warnings.has(id)) state.concerned.delete(id);
    if (warnings.size < 2) state.warningsOpen = false;
    this.#wait();
    this.#count();
  }

  /** Come back when the next one ends. */
  #wait() {
    clearTimeout(this.#timer);
    const { warnings } = this.store;
    if (warnings.size === 0) return;
    const next = Math.min(...[...warnings.values()].map(({ ends_at: end }) => instant(end)));
    this.#timer = setTimeout(() => {
      this.store.endWarnings();
      this.#look();
    }, Math.min(Math.max(next - this.store.now(), 0) + GRACE, LONGEST));
    this.#timer.unref?.(); // Node's tests end without it
  }

  /** Ask whom the worst warnings concern, one after the other. */
  async #count() {
    if (this.#counting) return;
    this.#counting = true;
    const { warnings, state: { concerned } } = this.store;
    const next = () => inOrder(warnings.values()).slice(0, COUNTED).find(({ id }) => !concerned.has(id));
    try {
      while (next()) {
        await this.pause(Math.random() * SPREAD);
        const warning = next(); // the one of before may be over
        if (warning) concerned.set(warning.id, await this.#concernedBy(warning.id));
        this.store.touch('warnings');
      }
    } finally {
      this.#counting = false;
    }
  }

  /** Who is concerned, as the server counts them, and the texts that no stream tells; null where it does not answer. */
  async #concernedBy(id) {
    try {
      const { concerned, texts } = await requestJson(address(`${this.url}/{id}`, { id }));
      return { ...concerned, texts };
    } catch (error) {
      if (!error.title) throw error;
      return null;
    }
  }

  /** Show all warnings, or only the worst. */
  toggle() {
    this.store.set('warnings', { warningsOpen: !this.store.state.warningsOpen });
  }

  // --- details ---------------------------------------------------------------------------------------------

  /** Read the details of a warning. Only the newest request counts. */
  async open(id) {
    this.#abort?.abort();
    const { signal } = this.#abort = new AbortController();
    const told = this.store.warnings.get(id) ?? (id === this.#open.id ? this.#open.warning : null);
    this.store.set('warning', { warning: { ...NO_WARNING, status: 'loading', id, warning: told } });
    try {
      const details = await requestJson(address(`${this.url}/{id}`, { id }), { signal });
      // What the stream said meanwhile is newer than the answer.
      const newer = this.#open.warning !== told ? this.#open.warning : details;
      this.#set({ status: 'open', details, warning: newer });
      if (this.store.warnings.has(id)) this.store.state.concerned.set(id, { ...details.concerned, texts: details.texts });
      this.store.touch('warnings');
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      this.#set({ status: FAILURES[error.status] ?? 'failed', error });
    }
  }

  retry() {
    return this.open(this.#open.id);
  }

  close() {
    if (this.#open.status === 'closed') return;
    this.#abort?.abort();
    this.store.set('warning', { warning: { ...NO_WARNING } });
  }

  /** The stream was away: what is open here may have ended without a word. */
  #check() {
    const { id, status } = this.#open;
    if (status === 'closed' || status === 'loading') return;
    const told = this.store.warnings.get(id);
    if (told) this.#set({ warning: told });
    else this.open(id);
  }
}
