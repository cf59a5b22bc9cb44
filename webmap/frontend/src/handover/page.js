/** What a person can do on the page of handovers. */
import { requestJson } from '../api.js';
import { address } from '../config.js';
import { LANGUAGES, language, setLanguage, t } from '../i18n/index.js';

const HOUR = 3_600_000;

/** Windows that may be chosen: hours back from now, null for the shift that is handed over. */
export const WINDOWS = { shift: null, '12h': 12, '24h': 24, '7d': 168 };

export const INITIAL = {
  window: 'shift',
  shift: { status: 'loading', changes: null, error: null },
  list: { status: 'loading', handovers: [], next: null, error: null },
  frozen: { status: 'loading', handover: null, error: null, refusal: null },
  types: new Map(),
};

export class HandoverPage {
  #abort = null;

  constructor({ config, store, location = window.location, history = window.history, ask = requestJson }) {
    Object.assign(this, { config, store, location, history, ask });
  }

  async start() {
    const query = new URLSearchParams(this.location.search);
    if (Object.hasOwn(LANGUAGES, query.get('lang') ?? '')) setLanguage(query.get('lang'));
    if (Object.hasOwn(WINDOWS, query.get('window') ?? '')) this.store.state.window = query.get('window');
    this.#title();
    await Promise.all([this.#types(), ...(this.config.id === null ? [this.readShift()] : [this.readFrozen()])]);
  }

  // --- what changed ----------------------------------------------------------------------------------------

  choose(name) {
    this.store.state.window = name;
    this.#link();
    return this.readShift();
  }

  /** Read what changed, and what was frozen in that time. */
  async readShift() {
    this.#abort?.abort();
    const { signal } = this.#abort = new AbortController();
    this.#set('shift', { status: 'loading', error: null });
    this.#set('list', { status: 'loading', error: null });
    const hours = WINDOWS[this.store.state.window];
    const from = hours === null ? '' : `?${new URLSearchParams({ from: new Date(this.store.now() - hours * HOUR).toISOString() })}`;
    try {
      const changes = await this.ask(`${this.config.urls.shift}${from}`, { signal });
      this.#set('shift', { status: 'ready', changes });
      const { handovers, next } = await this.ask(`${this.config.urls.handovers}?${new URLSearchParams({ from: changes.from })}`, { signal });
      this.#set('list', { status: 'ready', handovers, next });
    } catch (error) {
      this.#failed(error, ['shift', 'list']);
    }
  }

  /** The next page of what was frozen. */
  async readMore() {
    const { list: { next, handovers }, shift: { changes } } = this.store.state;
    try {
      const query = new URLSearchParams({ from: changes.from, before: next });
      const more = await this.ask(`${this.config.urls.handovers}?${query}`);
      this.#set('list', { handovers: [...handovers, ...more.handovers], next: more.next });
    } catch (error) {
      this.#failed(error, ['list']);
    }
  }

  // --- one handover ----------------------------------------------------------------------------------------

  async readFrozen() {
    this.#set('frozen', { status: 'loading', error: null });
    try {
      const handover = await this.ask(address(this.config.urls.handover, { id: this.config.id }));
      this.#set('frozen', { status: 'ready', handover });
    } catch (error) {
      this.#failed(error, ['frozen']);
    }
  }

  /** Take it over, as the account that looks at it. */
  async accept() {
    const { handover } = this.store.state.frozen;
    try {
      const accepted = await this.ask(address(this.config.urls.accept, { id: handover.id }), { method: 'POST' });
      this.#set('frozen', { handover: { ...handover, ...accepted }, refusal: null });
    } catch (error) {
      if (!error.title) throw error;
      this.#set('frozen', { refusal: error });
    }
  }

  /** The sandbox as it was: the same view at that time, and the alarm that was frozen. */
  replayUrl({ view, at, alarm_id: alarm }) {
    const query = new URLSearchParams(view);
    query.set('at', at);
    if (alarm) query.set('alarm', alarm);
    query.set('lang', language());
    return `${this.config.urls.sandbox}?${query}`;
  }

  // --- the page --------------------------------------------------------------------------------------------

  switchLanguage() {
    setLanguage(language() === 'en' ? 'zh-CN' : 'en');
    this.#title();
    this.#link();
    this.store.touch('language');
  }

  async #types() {
    try {
      const { types } = await this.ask(this.config.urls.types);
      this.store.state.types = new Map(types.map((one) => [one.type, one]));
      this.store.touch('types');
    } catch (error) {
      if (!error.title) throw error; // without it, types have the names of this page or their codes
    }
  }

  #title() {
    document.documentElement.lang = language();
    document.title = t('handover.title');
  }

  #link() {
    const query = new URLSearchParams({ lang: language(), ...(this.store.state.window === 'shift' ? {} : { window: this.store.state.window }) });
    this.history.replaceState(null, '', `${this.location.pathname}?${query}`);
  }

  #failed(error, parts) {
    if (error.name === 'AbortError') return;
    if (!error.title) throw error;
    for (const part of parts) this.#set(part, { status: error.status === 404 ? 'missing' : 'failed', error });
  }

  #set(name, changes) {
    this.store.set(name, { [name]: { ...this.store.state[name], ...changes } });
  }
}
