/** What a person can do with the assessment: choose whom, a period, an order; have coverage worked out. */
import { COLUMNS, coveragePage, daysOf, PERIODS, windowOf } from './assessment.js';

const BY = ['keeper', 'grid', 'community'];
const SORTS = ['name', ...COLUMNS.map(({ name }) => name)];
const PAGE = 1000;

export const assessmentState = () => ({
  assessment: {
    status: 'idle', by: 'keeper', period: 'month', own: { from: '', to: '' }, sort: { by: 'events_overdue', down: true },
    rows: [], error: null, covering: null, coverageFault: null, window: null,
  },
});

export class AssessmentDesk {
  #asked = 0;

  /** @param {import('../page.js').DataPage} page */
  constructor(page) {
    this.page = page;
  }

  restore(query) {
    const [, down, by] = /^(-?)(\w+)$/.exec(query.get('sort') ?? '') ?? [];
    const day = (name) => (/^\d{4}-\d\d-\d\d$/.test(query.get(name) ?? '') ? query.get(name) : '');
    const own = { from: day('from'), to: day('to') };
    const period = own.from && own.to ? 'own' : query.get('period');
    this.#set({
      by: BY.includes(query.get('by')) ? query.get('by') : 'keeper', own, period: PERIODS.includes(period) ? period : 'month',
      sort: SORTS.includes(by) ? { by, down: down === '-' } : { by: 'events_overdue', down: true },
    });
  }

  link() {
    const { by, period, own, sort } = this.#state;
    const plain = sort.by === 'events_overdue' && sort.down;
    return { by: by === 'keeper' ? '' : by, ...(period === 'own' ? own : { period: period === 'month' ? '' : period }),
      sort: plain ? '' : `${sort.down ? '-' : ''}${sort.by}` };
  }

  opened() {
    return this.#state.status === 'idle' ? this.#read() : undefined;
  }

  again() {
    return this.#read();
  }

  /** Another period, or whose figures: `{ by?, period?, own? }`. */
  choose(changes) {
    this.#set(changes);
    this.page.writeAddress();
    return this.#read();
  }

  sortBy(by) {
    const { sort } = this.#state;
    this.#set({ sort: { by, down: sort.by === by ? !sort.down : by !== 'name' } });
    this.page.writeAddress();
  }

  days() {
    const { period, own } = this.#state;
    return daysOf(period, this.page.store.now(), this.page.config.timeZone, own);
  }

  async #read() {
    const asked = this.#asked += 1;
    const window = windowOf(this.days(), this.page.store.now(), this.page.config.timeZone);
    if (window === null) {
      this.#set({ status: 'refused', rows: [], window: null });
      return;
    }
    this.#set({ status: this.#state.rows.length ? 'changing' : 'loading', error: null, covering: null, coverageFault: null, window });
    try {
      const rows = [];
      let next = '';
      do {
        const answer = await this.page.ask(this.#address({ limit: PAGE, after: next }));
        if (asked !== this.#asked) return;
        rows.push(...answer.rows);
        next = answer.next;
      } while (next);
      this.#set({ status: 'ready', rows });
    } catch (error) {
      if (!error.title) throw error;
      if (asked === this.#asked) this.#set({ status: 'failed', error });
    }
  }

  /** Work out how much of the grids was walked, page by page: it takes the server a tenth of a second for each grid and day. */
  async cover() {
    const asked = this.#asked;
    const { rows, window } = this.#state;
    const limit = coveragePage(window);
    const found = new Map();
    let next = '';
    this.#set({ covering: { done: 0, total: rows.length }, coverageFault: null });
    try {
      do {
        const answer = await this.page.ask(this.#address({ limit, after: next, coverage: true }));
        if (asked !== this.#asked || this.#state.covering === null) return; // another period, or stopped
        for (const { code, area_share: area, building_share: buildings } of answer.rows) found.set(code, { area_share: area, building_share: buildings });
        next = answer.next;
        this.#set({ rows: this.#state.rows.map((row) => ({ ...row, ...found.get(row.code) })), covering: { done: found.size, total: rows.length } });
      } while (next);
      this.#set({ covering: null });
    } catch (error) {
      if (!error.title) throw error;
      if (asked === this.#asked) this.#set({ covering: null, coverageFault: error });
    }
  }

  stopCovering() {
    this.#set({ covering: null });
  }

  #address(more) {
    const { by, window } = this.#state;
    const query = new URLSearchParams({ by, from: new Date(window.start).toISOString(), to: new Date(window.end).toISOString() });
    for (const [name, value] of Object.entries(more)) if (value !== '') query.set(name, value);
    return `${this.page.config.urls.assessment}?${query}`;
  }

  get #state() {
    return this.page.store.state.assessment;
  }

  #set(changes) {
    this.page.store.set('assessment', { assessment: { ...this.#state, ...changes } });
  }
}
