/** What a person can do on the data page: which section is shown, and imports, with how they keep up with the server. */
import { requestJson } from '../api.js';
import { address } from '../config.js';
import { instant } from '../format.js';
import { LANGUAGES, language, setLanguage, t } from '../i18n/index.js';
import { AssessmentDesk, assessmentState } from './keepers/assessment-desk.js';
import { ConflictsDesk, conflictsState } from './conflicts/conflicts-desk.js';
import { CatalogueDesk, catalogueState } from './layers/catalogue-desk.js';
import { LinksDesk, linksState } from './links/links-desk.js';
import { RatesDesk, ratesState } from './rates/rates-desk.js';
import { RoomsDesk, roomsState } from './rooms/rooms-desk.js';
import { changed, isActive, isWriting, merge } from './runs.js';
import { meant } from './sections.js';
import { UploadDesk, uploadState } from './imports/upload-desk.js';

/** Milliseconds between two looks at the server: while a run goes on, and otherwise. */
export const LOOK_EVERY = { active: 1000, idle: 10_000 };

export const INITIAL = {
  runs: { status: 'loading', list: [], next: null, error: null, lookedAt: null },
  worker: null,
  catalogue: { concepts: [], endings: [], largest_mb: 0, known: false },
  detail: { status: 'closed', id: null, run: null, error: null, refusal: null },
  view: 'imports',
  ...uploadState(),
  ...ratesState(),
  ...roomsState(),
  ...assessmentState(),
  ...catalogueState(),
  ...conflictsState(),
  ...linksState(),
};

/** Read `?lang=`, `?view=` and `?run=`; what makes no sense is left out. Each section reads its own part of a link itself. */
export function parseQuery(search) {
  const query = new URLSearchParams(search);
  const state = {};
  if (query.has('view')) state.view = query.get('view');
  if (Object.hasOwn(LANGUAGES, query.get('lang') ?? '')) state.lang = query.get('lang');
  if (/^\d{1,15}$/.test(query.get('run') ?? '')) state.run = Number(query.get('run'));
  return state;
}

export class DataPage {
  #timer = 0;
  #looking = null;
  #chosenLanguage = undefined;

  #desks;

  constructor({ config, store, page = document, history = window.history, ask = requestJson }) {
    Object.assign(this, { config, store, page, history, ask });
    this.upload = new UploadDesk(this);
    this.rates = new RatesDesk(this);
    this.rooms = new RoomsDesk(this);
    this.assessment = new AssessmentDesk(this);
    this.catalogue = new CatalogueDesk(this);
    this.conflicts = new ConflictsDesk(this);
    this.links = new LinksDesk(this);
    this.#desks = {
      rates: this.rates, rooms: this.rooms, survey: this.conflicts, keepers: this.assessment, layers: this.catalogue, connect: this.catalogue,
      links: this.links,
    };
  }

  /** Take over what a link says, then follow the server for as long as the page is looked at. */
  start({ lang } = {}) {
    this.#chosenLanguage = lang;
    this.#translatePage();
    this.page.addEventListener('visibilitychange', () => {
      this.look();
      if (this.store.state.view === 'survey') this.refresh(); // others settle conflicts as well
    });
    this.conflicts.readCount();
    if (this.config.urls.imports) this.readCatalogue();
    this.#restore();
  }

  // --- sections ------------------------------------------------------------------------------------------

  /** Show what the address says; also when somebody goes back to it. */
  #restore() {
    const { search } = this.page.location;
    const { view, run } = parseQuery(search);
    const query = new URLSearchParams(search);
    this.linked = query.has('within');
    const name = meant(view, this.config.urls);
    this.#desks[name]?.restore(query);
    this.#enter(name);
    if (name !== 'imports' || (run ?? null) === this.store.state.detail.id) return;
    if (run) this.open(run);
    else this.close();
  }

  /** The browser went back or forth. */
  wentBack() {
    this.#restore();
    this.#desks[this.store.state.view]?.again?.();
  }

  /** Show another section; the way back leads to the one before. */
  show(view) {
    if (view === this.store.state.view) return;
    this.#enter(view);
    this.writeAddress({ push: true });
  }

  /** Counts grow old: the section that is looked at reads them again. */
  refresh() {
    if (this.page.hidden) return;
    this.#desks[this.store.state.view]?.refresh?.();
    if (this.store.state.view !== 'survey') this.conflicts.readCount();
  }

  #enter(view) {
    this.store.set('view', { view });
    if (view === 'imports') this.look();
    this.#desks[view]?.opened();
  }

  // --- the history ---------------------------------------------------------------------------------------

  /** Read the newest runs now, and again soon while any of them goes on. A hidden page does not ask. */
  look() {
    clearTimeout(this.#timer);
    if (this.page.hidden || this.store.state.view !== 'imports') return Promise.resolve();
    this.#looking ??= this.#read().finally(() => {
      this.#looking = null;
      const { runs: { list }, detail } = this.store.state;
      const pause = list.some(isActive) || isWriting(detail.run) ? LOOK_EVERY.active : LOOK_EVERY.idle;
      this.#timer = setTimeout(() => this.look(), pause);
    });
    return this.#looking;
  }

  async #read() {
    try {
      const { runs, next, worker, now } = await this.ask(this.config.urls.imports);
      this.#setTime(now);
      this.#accept([...runs, ...await this.#overtaken(runs)], worker, next);
    } catch (error) {
      if (!error.title) throw error;
      const { runs } = this.store.state;
      const status = runs.lookedAt === null ? 'failed' : runs.status;
      this.store.set('runs', { worker: null, runs: { ...runs, status, error } });
    }
  }

  #accept(fresh, worker, next) {
    const { runs, detail } = this.store.state;
    const before = runs.list.find(({ id }) => id === detail.id);
    const list = merge(runs.list, fresh);
    const gap = runs.list.length === 0; // the first page: what is earlier begins after it
    this.store.set('runs', {
      worker,
      runs: { status: 'ready', list, next: gap ? next : runs.next, error: null, lookedAt: performance.now() },
    });
    const after = list.find(({ id }) => id === detail.id);
    if (detail.status === 'ready' && after) {
      if (changed(before, after) || isWriting(detail.run)) this.#readDetail(detail.id);
      else if (isActive(after)) this.#setDetail({ run: { ...detail.run, ...after } });
    }
  }

  /** Runs that still go on when a whole page of younger ones has come after them. */
  #overtaken(fresh) {
    const young = new Set(fresh.map(({ id }) => id));
    const left = this.store.state.runs.list.filter((run) => isActive(run) && !young.has(run.id));
    return Promise.all(left.map(({ id }) => this.ask(`${address(this.config.urls.import, { id })}?limit=0`)));
  }

  #replace(run) {
    const { runs } = this.store.state;
    this.store.set('runs', { runs: { ...runs, list: merge(runs.list, [run]) } });
  }

  /** Put the next page of earlier runs below. */
  async more() {
    const { runs } = this.store.state;
    try {
      const { runs: earlier, next } = await this.ask(`${this.config.urls.imports}?before=${runs.next}`);
      const now = this.store.state.runs;
      this.store.set('runs', { runs: { ...now, list: merge(earlier, now.list), next } });
    } catch (error) {
      if (!error.title) throw error;
      this.store.set('runs', { runs: { ...this.store.state.runs, error } });
    }
  }

  #setTime(now) {
    const server = instant(now);
    if (Number.isFinite(server)) this.store.state.serverOffset = server - Date.now();
  }

  async readCatalogue() {
    try {
      const catalogue = await this.ask(this.config.urls.concepts);
      this.store.set('catalogue', { catalogue: { ...catalogue, known: true } });
    } catch (error) {
      if (!error.title) throw error;
    }
  }

  // --- one run -------------------------------------------------------------------------------------------

  open(id) {
    this.store.set('detail', { detail: { status: 'loading', id, run: null, error: null, refusal: null } });
    this.writeAddress();
    return this.#readDetail(id);
  }

  close() {
    this.store.set('detail', { detail: INITIAL.detail });
    this.writeAddress();
  }

  async #readDetail(id) {
    try {
      const run = await this.ask(address(this.config.urls.import, { id }));
      if (this.store.state.detail.id === id) this.#setDetail({ status: 'ready', run, error: null });
    } catch (error) {
      if (!error.title) throw error;
      if (this.store.state.detail.id === id) this.#setDetail({ status: 'failed', error });
    }
  }

  /** Put the next page of faults below those that are shown. */
  async moreFaults() {
    const { id, run } = this.store.state.detail;
    const next = await this.ask(`${address(this.config.urls.import, { id })}?after=${run.next}&limit=200`);
    if (this.store.state.detail.id !== id) return;
    this.#setDetail({ run: { ...run, faults: [...run.faults, ...next.faults], next: next.next } });
  }

  cancel(id) {
    return this.#change(id, this.config.urls.cancel, 'detail.cancel.failed');
  }

  /** Let the worker go on with a run that was stopped. */
  resume(id) {
    return this.#change(id, this.config.urls.resume, 'detail.resume.failed');
  }

  async #change(id, url, sentence) {
    try {
      this.#replace(await this.ask(address(url, { id }), { method: 'POST' }));
      this.#setDetail({ refusal: null });
    } catch (error) {
      if (!error.title) throw error;
      this.#setDetail({ refusal: { sentence, detail: error.message } });
    }
    await this.#readDetail(id);
    await this.look();
  }

  #setDetail(changes) {
    this.store.set('detail', { detail: { ...this.store.state.detail, ...changes } });
  }

  // --- the page ------------------------------------------------------------------------------------------

  switchLanguage() {
    this.#chosenLanguage = setLanguage(language() === 'en' ? 'zh-CN' : 'en');
    this.#translatePage();
    this.store.touch('language');
    this.writeAddress();
  }

  #translatePage() {
    this.page.documentElement.lang = language();
    this.page.title = t('data.title');
  }

  /** Put into the address what a link should carry; `push`: the way back leads to what was before. */
  writeAddress({ push = false } = {}) {
    const query = new URLSearchParams();
    const { view, detail } = this.store.state;
    if (this.#chosenLanguage) query.set('lang', this.#chosenLanguage);
    if (view !== meant(null, this.config.urls)) query.set('view', view);
    for (const [name, value] of Object.entries(this.#desks[view]?.link() ?? {})) if (value) query.set(name, value);
    if (view === 'imports' && detail.id) query.set('run', detail.id);
    const text = query.toString();
    const address = this.page.location.pathname + (text ? `?${text}` : '');
    if (push) this.history.pushState(null, '', address);
    else this.history.replaceState(null, '', address);
  }
}
