/** What a person can do with conflicts of surveys: read them, look at photographs, settle one after the other. */
import { address } from '../../config.js';
import { NO_PHOTOS, SurveyPhotos } from '../../survey-photos.js';
import { beside, decisionOf, joined } from './conflicts.js';

const PAGE = 100;
const MOST = 500;

export const conflictsState = () => ({
  conflicts: {
    /** How many nobody has settled, of all places; null before it is known. */
    open: null,
    status: 'idle', error: null, tab: 'open', within: '', form: [], list: [], next: null, total: 0, settled: [],
    /** `missing`: the one that a link names is not there, and no other is shown in its place. */
    chosen: null, missing: false, remark: '', sending: false, fault: null, outcome: null,
    /** Photographs of the chosen one: addresses in this page, once somebody asked for them. */
    photos: NO_PHOTOS,
  },
});

export class ConflictsDesk {
  #asked = 0;

  /** @param {import('../page.js').DataPage} page */
  constructor(page, photos = {}) {
    this.page = page;
    this.photos = new SurveyPhotos({ url: page.config.urls.surveyPhoto, onChange: (shown) => this.#set({ photos: shown }), ...photos });
  }

  restore(query) {
    const within = query.get('within') ?? '';
    const chosen = query.get('conflict') ?? '';
    this.#set({
      within: /^(\d{6}|\d{9}|\d{12}|\d{15})$/.test(within) ? within : '', tab: query.get('settled') === '1' ? 'settled' : 'open',
      chosen: /^[0-9a-f-]{36}$/.test(chosen) ? chosen : null, missing: false,
    });
  }

  link() {
    const { within, tab, chosen } = this.#state;
    return { within, settled: tab === 'settled' ? '1' : '', conflict: chosen };
  }

  opened() {
    return this.#state.status === 'idle' ? this.#read() : this.refresh();
  }

  again() {
    this.photos.forget();
    return this.#read();
  }

  /** Others decide as well: what is shown is read anew, and the choice under somebody's hands stays. */
  refresh() {
    return this.#state.sending || this.#state.status === 'loading' ? undefined : this.#read({ quiet: true });
  }

  /** How many wait, for whoever looks at another section. */
  async readCount() {
    if (!this.page.config.urls.conflicts) return;
    try {
      this.#set({ open: (await this.page.ask(this.page.config.urls.conflictCount)).open });
    } catch (error) {
      if (!error.title) throw error; // it stays as it was, and is asked for again
    }
  }

  async #read({ quiet = false } = {}) {
    const asked = this.#asked += 1;
    if (!quiet) this.#set({ status: 'loading', error: null });
    try {
      const limit = Math.min(MOST, Math.max(PAGE, this.#state.list.length));
      const [open, settled] = await Promise.all([this.page.ask(this.#address({ limit })), this.page.ask(this.#address({ settled: true }))]);
      if (asked !== this.#asked) return;
      const { tab, chosen } = this.#state;
      const shown = tab === 'open' ? open.edits : settled.edits;
      let found = [...open.edits, ...settled.edits].find(({ id }) => id === chosen);
      if (!found && chosen) {
        // Beyond the first page, of another place, or settled long ago.
        const { edits } = await this.page.ask(`${this.page.config.urls.conflicts}?${new URLSearchParams({ id: chosen })}`);
        if (asked !== this.#asked) return;
        found = edits.find(({ id }) => id === chosen);
        if (found) (found.settled_at ? settled : open).edits.push(found);
      }
      const missing = !found && (chosen !== null || this.#state.missing);
      if (!this.#state.within) this.#set({ open: open.open });
      this.#set({
        status: 'ready', error: null, form: open.form, total: open.open, list: open.edits, next: open.next, settled: settled.edits,
        // One that a link names, or somebody works at, may have been settled meanwhile: it is shown where it stands now, and why.
        ...(quiet && tab === 'open' && found?.settled_at ? { fault: { moved: 'settled' } } : {}),
        ...(found ? { tab: shown.includes(found) ? tab : found.settled_at ? 'settled' : 'open' } : { chosen: missing ? null : shown[0]?.id ?? null }),
        missing,
      });
      if (!found && chosen) this.#chosenAnew();
    } catch (error) {
      if (!error.title) throw error;
      if (asked === this.#asked) this.#set({ ...(quiet ? {} : { status: 'failed' }), error });
    }
  }

  /** Put the next page below. */
  async more() {
    try {
      const page = await this.page.ask(this.#address({ limit: PAGE, after: this.#state.next }));
      this.#set({ list: joined(this.#state.list, page.edits), next: page.next, error: null });
    } catch (error) {
      if (!error.title) throw error;
      this.#set({ error });
    }
  }

  show(tab) {
    const { list, settled } = this.#state;
    this.#set({ tab, chosen: (tab === 'open' ? list : settled)[0]?.id ?? null, missing: false, outcome: null });
    this.#chosenAnew();
  }

  /** Look at another one. */
  choose(chosen) {
    this.#set({ chosen, missing: false, outcome: null });
    this.#chosenAnew();
  }

  /** Show those of all places. */
  everywhere() {
    this.#set({ within: '', chosen: null, missing: false, outcome: null });
    this.#chosenAnew();
    return this.#read();
  }

  setRemark(remark) {
    this.#set({ remark, fault: null });
  }

  /** The one that is looked at. */
  chosen() {
    const { list, settled, chosen } = this.#state;
    return [...list, ...settled].find(({ id }) => id === chosen) ?? null;
  }

  /** Settle the chosen one: `form` takes the keeper's values over, `record` lets the record stand. */
  async decide(take) {
    const conflict = this.chosen();
    if (this.#state.sending || this.#state.status !== 'ready' || conflict === null) return;
    this.#asked += 1; // a list that was asked for before says nothing of it
    this.#set({ sending: true, fault: null, outcome: null });
    try {
      const after = await this.page.ask(address(this.page.config.urls.settleConflict, { id: conflict.id }), {
        method: 'POST', body: decisionOf(conflict, take, this.#state.remark) });
      const { list, settled, open, total } = this.#state;
      this.#set({
        sending: false, total: total - 1, open: open === null ? null : Math.max(0, open - 1), list: list.filter(({ id }) => id !== after.id),
        settled: [after, ...settled], chosen: beside(list, after.id), outcome: after,
      });
      this.#chosenAnew();
    } catch (error) {
      if (!error.title) throw error;
      this.#refused(error, conflict);
    }
  }

  #refused(error, conflict) {
    const stands = error.problem?.conflict;
    if (!stands) {
      this.#set({ sending: false, fault: error });
      return;
    }
    // Somebody was quicker: what stands now is shown, and the remark stays.
    const { list, settled, total } = this.#state;
    const over = stands.settled_at !== null;
    this.#set({
      sending: false, total: over ? total - 1 : total, fault: { moved: over ? 'settled' : 'changed' }, tab: over ? 'settled' : 'open',
      list: over ? list.filter(({ id }) => id !== conflict.id) : list.map((one) => (one.id === conflict.id ? stands : one)),
      settled: over ? [stands, ...settled.filter(({ id }) => id !== conflict.id)] : settled,
    });
    this.readCount();
  }

  #chosenAnew() {
    this.photos.forget();
    this.#set({ remark: '', fault: null });
    this.page.writeAddress();
  }

  // --- photographs: each look is written down by the server, so none is loaded before somebody asks ---------

  look() {
    return this.photos.look(this.chosen().photos);
  }

  #address(more) {
    const query = new URLSearchParams(Object.entries({ within: this.#state.within, ...more }).filter(([, value]) => value));
    return `${this.page.config.urls.conflicts}?${query}`;
  }

  get #state() {
    return this.page.store.state.conflicts;
  }

  #set(changes) {
    this.page.store.set('conflicts', { conflicts: { ...this.#state, ...changes } });
  }
}
