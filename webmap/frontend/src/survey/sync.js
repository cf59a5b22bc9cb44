/**
 * Sends what waits, reads the list anew, and tries again by itself: at once when the network or the page comes back, else later and
 * later, and not before the time that the server has told. Of all tabs of a browser one sends at a time; a form that is sent twice
 * all the same counts once.
 */
import { current, forgettable, isRecorded, shared, WAITING } from './forms.js';
import { endsAll, isOurs, Rests } from './pieces.js';
import { Sending } from './sending.js';
import { Shelf } from './shelf.js';

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 120_000;

/** Between two looks at the list while all is well: others survey too. */
const REFRESH_MS = 300_000;

/** Pages of buildings that are read at most. */
const PAGES = 60;

const LOCK = 'shapan-survey-send';

/** What stands between this page and the server: `ok`, `offline`, `closed` (the link is over), `trouble` (it fails). */
function stateOf({ status }) {
  if (status === 0) return 'offline';
  if (status === 429) return 'ok';
  return status === 401 || status === 403 ? 'closed' : 'trouble';
}

export class Sync {
  #running = null;
  #again = false;
  #timer = null;
  #failures = 0;
  #rests = new Rests();

  /** Milliseconds that the server's clock is ahead of this device's. */
  #offset = 0;

  /**
   * @param {object} parts
   * @param {object} parts.box where all is kept: see box.js
   * @param {(path: string, options?: object) => Promise<object>} parts.ask JSON of a path; rejects with an ApiError
   * @param {(photo: object) => Promise<void>} parts.putPhoto sends one; rejects with an ApiError
   * @param {(name: string, work: () => Promise<void>) => Promise<void>} parts.alone runs work in one tab at a time
   * @param {{now: () => number, later: (work: () => void, ms: number) => any, forget: (timer: any) => void}} parts.clock
   * @param {(told: object) => void} parts.tell hears `{ link, items, keeper, day, others, busy, error, rest }`, those that changed
   */
  constructor({ box, ask, putPhoto, alone, clock, tell, chance = Math.random }) {
    Object.assign(this, { box, ask, alone, clock, tell, chance });
    this.shelf = new Shelf(box);
    this.sending = new Sending({ shelf: this.shelf, box, ask: (...asked) => this.ask(...asked), putPhoto, clock, tell, now: () => this.#now() });
  }

  /** Send and read now; whoever asks while it runs has it run once more. */
  run() {
    this.clock.forget(this.#timer);
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#work().finally(() => {
      this.#running = null;
      if (this.#again) {
        this.#again = false;
        this.run();
      }
    });
    return this.#running;
  }

  async #work() {
    this.tell({ busy: true });
    let error = null;
    try {
      if (!this.#rests.has('all', this.clock.now())) error = await this.alone(LOCK, () => this.#exchange()) ?? null;
    } catch (thrown) {
      // Whatever it was, also of this device's own memory: the button stays, and it is tried again.
      error = thrown;
      if (error.status === 401) await this.#forget();
      if (!isOurs(error)) this.#rests.told('all', error.retryS, this.clock.now());
      this.#end(stateOf(error), error);
      return;
    }
    // The list came: a request without an answer was none of the network's.
    this.#end(error === null || error.status === 0 ? 'ok' : stateOf(error), error);
  }

  #end(link, error) {
    const now = this.clock.now();
    const rest = this.#rests.next(now);
    this.tell({ link, busy: false, error: link === 'ok' ? null : error, rest });
    this.#failures = error === null ? 0 : this.#failures + 1;
    // A link that is over does not come back by itself; a look every two minutes sees a new one.
    const wait = Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS) * (0.75 + this.chance() / 2);
    const next = error === null || (rest !== null && error.status === 429) ? REFRESH_MS : wait;
    this.#retry(rest === null ? next : Math.min(next, rest - now));
  }

  #retry(ms) {
    this.clock.forget(this.#timer);
    this.#timer = this.clock.later(() => this.run(), ms);
  }

  #now() {
    return this.clock.now() + this.#offset;
  }

  /** @returns {Error|null} what failed without being in the way of the rest */
  async #exchange() {
    // Whose session this is says the list: what another keeper has left here is not sent as this one's.
    const { keeper, server_time: time } = await this.#page('', 1);
    this.#offset = Date.parse(time) - this.clock.now();
    this.shelf.full = null;
    const held = [await this.#part('forms', keeper), await this.#part('photos', keeper)];
    await this.#list();
    await this.sending.networkSeen();
    if (this.shelf.full) throw this.shelf.full;
    return held.find((error) => error !== null) ?? null;
  }

  /** Send forms or photographs; the list is read in any case in which there is a server. */
  async #part(what, keeper) {
    if (this.#rests.has(what, this.clock.now())) return null;
    try {
      return await this.sending[what](keeper);
    } catch (error) {
      if (isOurs(error) || endsAll(error)) throw error;
      this.#rests.told(what, error.retryS, this.clock.now());
      return error;
    }
  }

  /** Whose link is over sees no list here any more, nor whoever found the device: only what was not sent stays. */
  async #forget() {
    try {
      const [items, photos] = [await this.box.all('edits'), await this.box.all('photos')];
      const needed = new Set(photos.map(({ edit }) => edit));
      const stays = (item) => item.state === WAITING || (!isRecorded(item) && !item.closed) || needed.has(item.id);
      await this.box.remove('day', 'list', 'others');
      await this.box.remove('edits', ...items.filter((item) => !stays(item)).map(({ id }) => id));
      this.tell({ day: null, others: [], items: items.filter(stays) });
    } catch {
      this.tell({ day: null, others: [] }); // tried again with the next look at the link
    }
  }

  #page(after, limit = 20) {
    return this.ask(`/api/survey/worklist?${new URLSearchParams({ limit, after })}`);
  }

  async #list() {
    const before = this.clock.now();
    let page = await this.#page('');
    const offset = Date.parse(page.server_time) - (before + this.clock.now()) / 2;
    const day = { id: 'list', keeper: page.keeper, form: page.form, buildings: page.buildings, cut: page.cut, read_at: this.clock.now() + offset, offset };
    for (let count = 1; page.next !== null && count < PAGES; count += 1) {
      page = await this.#page(page.next);
      day.buildings = [...day.buildings, ...page.buildings];
      day.cut ||= page.cut;
    }
    day.cut ||= page.next !== null;
    const open = await this.ask('/api/survey/edits?open=true&limit=500');
    const { items } = shared(await this.shelf.forms(), day.keeper);
    // One that was put away here and stands open in a grid of the keeper's again is to be answered.
    const mine = new Set(items.filter(({ closed }) => !closed).map(({ id }) => id));
    const others = open.edits.filter(({ id }) => !mine.has(id));
    await this.shelf.keep(...current(items, open));
    await this.shelf.drop(...forgettable(await this.shelf.forms(), this.#now()));
    await this.shelf.tried(() => this.box.put('day', day, { id: 'others', edits: others }, { id: 'keeper', keeper: day.keeper }));
    this.tell({ keeper: day.keeper, day, others, items: await this.shelf.forms() });
  }
}
