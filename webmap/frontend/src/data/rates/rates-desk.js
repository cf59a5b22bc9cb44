/** What a person can do with entry rates: go down and up, choose a kind, put places in order. */
import { language } from '../../i18n/index.js';
import { KINDS } from './rates.js';

const SORTS = ['name', ...KINDS];

/** Buildings of one answer. */
const PAGE = 500;

export const ratesState = () => ({
  rates: {
    status: 'idle', within: '', kind: 'housing', sort: { by: 'housing', down: false }, trail: [], place: null, level: '', places: [],
    next: null, countedAt: null, legend: null, error: null, hovered: null,
  },
});

export class RatesDesk {
  #asked = 0;

  /** @param {import('../page.js').DataPage} page */
  constructor(page) {
    this.page = page;
  }

  /** Take over what a link says; what makes no sense is left out. */
  restore(query) {
    const within = query.get('within') ?? '';
    const kind = query.get('kind') ?? '';
    const [, down, by] = /^(-?)(\w+)$/.exec(query.get('sort') ?? '') ?? [];
    this.#set({
      within: /^\d{6}(\d{3}){0,3}$/.test(within) ? within : '',
      kind: KINDS.includes(kind) ? kind : 'housing',
      sort: SORTS.includes(by) ? { by, down: down === '-' } : { by: KINDS.includes(kind) ? kind : 'housing', down: false },
    });
  }

  link() {
    const { within, kind, sort } = this.#state;
    return { within, kind: kind === 'housing' ? '' : kind, sort: sort.by === kind && !sort.down ? '' : `${sort.down ? '-' : ''}${sort.by}` };
  }

  /** The section is shown: read what it shows, once. */
  async opened() {
    if (this.#state.legend === null) this.#readLegend();
    if (this.#state.status !== 'idle') return;
    await this.#read(this.#state.within);
    // A jurisdiction of one county, with one street in it, begins where there is something to choose.
    while (this.#state.status === 'ready' && this.#state.places.length === 1 && !this.page.linked) {
      const { level, code } = this.#state.places[0];
      if (level === 'grid' || level === 'building') break;
      await this.#read(code.slice(0, { county: 6, street: 9, community: 12 }[level]));
    }
  }

  /** Go to a place, below or above. */
  go(within) {
    this.page.linked = true;
    const reading = this.#read(within);
    this.page.writeAddress({ push: true });
    return reading;
  }

  again() {
    return this.#read(this.#state.within);
  }

  /** Read the counts again, unless somebody has read on: that would be gone. */
  refresh() {
    const { status, places, level } = this.#state;
    return status === 'ready' && (level !== 'building' || places.length <= PAGE) ? this.#read(this.#state.within, { quiet: true }) : undefined;
  }

  /** `quiet`: nobody asked for it; what stands there stays when it fails, with the time of its counts. */
  async #read(within, { quiet = false } = {}) {
    const asked = this.#asked += 1;
    if (!quiet) this.#set({ within, status: this.#state.status === 'idle' ? 'loading' : 'changing', error: null, hovered: null });
    try {
      const { ask, config: { urls } } = this.page;
      const answer = await ask(`${urls.rates}?within=${within}`);
      if (asked !== this.#asked) return;
      const { level, place, places, trail, next, counted_at: countedAt } = answer;
      this.#set({ status: 'ready', level, place, places, trail, next, countedAt });
    } catch (error) {
      if (!error.title) throw error;
      if (asked === this.#asked) this.#set(quiet ? { status: 'ready' } : { status: 'failed', error });
    }
  }

  /** Put the next page of a grid's buildings below. */
  async more() {
    const { within, next } = this.#state;
    try {
      const answer = await this.page.ask(`${this.page.config.urls.rates}?within=${within}&after=${encodeURIComponent(next)}`);
      if (this.#state.within === within) this.#set({ places: [...this.#state.places, ...answer.places], next: answer.next });
    } catch (error) {
      if (!error.title) throw error;
      this.#set({ error });
    }
  }

  /** Colour the map by a kind, and put the places that need somebody first. */
  choose(kind) {
    this.#set({ kind, sort: { by: kind, down: false } });
    this.page.writeAddress();
  }

  /** Order by a column; once more, the other way round. A kind is then what the map shows as well. */
  sortBy(by) {
    const { sort, kind } = this.#state;
    this.#set({ sort: { by, down: sort.by === by ? !sort.down : false }, kind: KINDS.includes(by) ? by : kind });
    this.page.writeAddress();
  }

  hover(code) {
    if (this.#state.hovered !== code) this.#set({ hovered: code });
  }

  async #readLegend() {
    try {
      const { urls, style } = this.page.config;
      const { legend } = await this.page.ask(`${urls.legend}?figure=entry_rate&style=${style}`);
      this.#set({ legend: legend.find(({ layer }) => layer === 'grids') });
    } catch (error) {
      if (!error.title) throw error;
    }
  }

  get #state() {
    return this.page.store.state.rates;
  }

  #set(changes) {
    this.page.store.set('rates', { rates: { ...this.#state, ...changes } });
  }

  /** In which language names stand, so that an order by name is that of the language. */
  static collator() {
    return new Intl.Collator(language(), { numeric: true });
  }
}
