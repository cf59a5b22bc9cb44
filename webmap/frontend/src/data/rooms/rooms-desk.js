/** What a person can do with the rooms still to visit: choose a place, read its worklist, assign, see what came of it. */
import { dayOf, midnightOf } from '../../past/zoned-time.js';
import { outcomeOf, requestsFor, toggled, withPage } from './worklist.js';

const DAY_MS = 86_400_000;

/** Rooms that are in the page at once: beyond, a person goes on by hand, or chooses a smaller place. */
export const ENOUGH = 2000;

export const roomsState = () => ({
  rooms: {
    places: { status: 'idle', level: 'grid', list: [], error: null },
    within: '', building: '', field: '', open: false,
    list: { status: 'idle', groups: [], next: null, required: [], error: null },
    chosen: new Set(), keepers: [], keeper: '', due: '',
    sending: false, outcome: null, fault: null,
  },
});

export class RoomsDesk {
  #asked = 0;

  /** @param {import('../page.js').DataPage} page */
  constructor(page) {
    this.page = page;
  }

  restore(query) {
    const within = query.get('within') ?? '';
    const level = query.get('level') === 'community' || within.length === 12 ? 'community' : 'grid';
    this.#set({
      within: /^\d{12}(\d{3})?$/.test(within) ? within : '', building: (query.get('building') ?? '').slice(0, 100),
      places: { ...this.#state.places, level },
    });
  }

  link() {
    const { within, building, places: { level } } = this.#state;
    return { within, building, level: level === 'community' && within.length !== 12 ? level : '' };
  }

  async opened() {
    if (this.#state.due === '') this.#set({ due: dayOf(this.page.store.now() + 30 * DAY_MS, this.page.config.timeZone) });
    if (this.#state.places.status !== 'idle') return;
    this.#readKeepers();
    await this.#readPlaces();
    if (this.#state.within) this.#readList();
  }

  /** Grids, or communities. */
  async chooseLevel(level) {
    this.#set({ places: { ...this.#state.places, level } });
    this.page.writeAddress();
    await this.#readPlaces();
  }

  async #readPlaces({ quiet = false } = {}) {
    const { level } = this.#state.places;
    if (!quiet) this.#places({ status: this.#state.places.list.length ? 'changing' : 'loading', error: null });
    try {
      const { places } = await this.page.ask(`${this.page.config.urls.surveyPlaces}?level=${level}`);
      if (this.#state.places.level === level) this.#places({ status: 'ready', list: places });
    } catch (error) {
      if (!error.title) throw error;
      this.#places(quiet ? { status: 'ready' } : { status: 'failed', error });
    }
  }

  /** To whom rooms can be given besides the keeper of their grid: names for who may read where keepers are. */
  async #readKeepers() {
    if (!this.page.config.urls.keepers || !this.page.config.mayAssign) return;
    const keepers = [];
    let after = '';
    try {
      do {
        const page = await this.page.ask(`${this.page.config.urls.keepers}?limit=5000&after=${encodeURIComponent(after)}`);
        keepers.push(...page.keepers.map(({ code, name, grid_code: grid, grid_name: gridName }) => ({ code, name, grid, gridName })));
        after = page.after;
      } while (after);
    } catch (error) {
      if (!error.title) throw error;
    }
    this.#set({ keepers });
  }

  /** Open the worklist of a grid or community. */
  go(within) {
    this.#set({ within, building: '', field: '', chosen: new Set(), outcome: null, fault: null, keeper: '' });
    this.page.writeAddress({ push: true });
    return this.#readList();
  }

  again() {
    return Promise.all([this.#readPlaces(), ...(this.#state.within ? [this.#readList()] : [])]);
  }

  /** What is still to visit changes as keepers work; the list under somebody's hands stays as it is. */
  refresh() {
    return this.#state.places.status === 'ready' && !this.#state.sending ? this.#readPlaces({ quiet: true }) : undefined;
  }

  #readList() {
    this.#set({ list: { status: 'loading', groups: [], next: null, required: [], error: null } });
    return this.more();
  }

  /** Read on, until there is enough to look at or nothing more; `all`: to the end. */
  async more({ all = false } = {}) {
    const asked = this.#asked += 1;
    let { groups } = this.#state.list;
    let after = this.#state.list.next ?? '';
    this.#list({ status: 'loading', error: null });
    try {
      const { within } = this.#state;
      const name = within.length === 12 ? 'community' : 'grid';
      const until = groups.reduce((sum, { rooms }) => sum + rooms.length, 0) + ENOUGH;
      do {
        const answer = await this.page.ask(`${this.page.config.urls.survey}?${name}=${within}&limit=200&after=${encodeURIComponent(after)}`);
        if (asked !== this.#asked) return;
        groups = withPage(groups, answer);
        after = answer.next;
        this.#list({ groups, next: answer.next, required: answer.required });
      } while (after && (all || groups.reduce((sum, { rooms }) => sum + rooms.length, 0) < until));
      this.#list({ status: 'ready' });
    } catch (error) {
      if (!error.title) throw error;
      if (asked === this.#asked) this.#list({ status: 'failed', error });
    }
  }

  filter(changes) {
    this.#set({ ...changes, chosen: new Set() });
    this.page.writeAddress();
  }

  toggle(keys) {
    this.#set({ chosen: toggled(this.#state.chosen, keys), outcome: null, fault: null });
  }

  choose(keys) {
    this.#set({ chosen: new Set(keys), outcome: null, fault: null });
  }

  setKeeper(keeper) {
    this.#set({ keeper });
  }

  setDue(due) {
    this.#set({ due });
  }

  /** Have everything that is chosen surveyed; the worklist is read anew, so that it says what is assigned. */
  async assign() {
    const { chosen, keeper, due, sending } = this.#state;
    if (sending || chosen.size === 0) return;
    const end = midnightOf(due, this.page.config.timeZone) + DAY_MS - 1000; // the last second of that day
    const requests = requestsFor(chosen);
    const answers = [];
    this.#set({ sending: true, outcome: null, fault: null });
    let fault = null;
    for (const request of requests) {
      try {
        answers.push(await this.page.ask(this.page.config.urls.survey, {
          method: 'POST',
          body: { ...request, ...(Number.isFinite(end) ? { due_at: new Date(end).toISOString() } : {}), ...(keeper ? { keeper } : {}) },
        }));
      } catch (error) {
        if (!error.title) throw error;
        fault = error;
        break; // what was assigned so far is, and is said; the rest stays chosen
      }
    }
    const outcome = outcomeOf(requests, answers);
    const rest = new Set(requestsLeft(requests, answers.length));
    for (const { key } of outcome.refused) rest.add(key);
    await this.again();
    this.#set({ sending: false, outcome: answers.length ? outcome : null, fault, chosen: rest });
  }

  get #state() {
    return this.page.store.state.rooms;
  }

  #set(changes) {
    this.page.store.set('rooms', { rooms: { ...this.#state, ...changes } });
  }

  #places(changes) {
    this.#set({ places: { ...this.#state.places, ...changes } });
  }

  #list(changes) {
    this.#set({ list: { ...this.#state.list, ...changes } });
  }
}

/** Keys of the requests that were not sent, or not answered. */
const requestsLeft = (requests, done) => requests.slice(done).flatMap(
  ({ rooms, buildings }) => [...rooms.map((id) => `r${id}`), ...buildings.map((id) => `b${id}`)]);
