/**
 * Sends what waits, reads the list anew, and tries again by itself: at once when the network or the page comes back, else later and
 * later. Of all tabs of a browser one sends at a time; a form that is sent twice all the same counts once.
 */
import { current, settled, shared, toSend, WAITING, wire } from './forms.js';

/** Forms in one request. */
const BATCH = 20;

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 120_000;

/** Between two looks at the list while all is well: others survey too. */
const REFRESH_MS = 300_000;

/** Pages of buildings that are read at most. */
const PAGES = 60;

const LOCK = 'shapan-survey-send';

/** What stands between this page and the server: `ok`, `offline`, `closed` (the link is over), `trouble` (it fails). */
const stateOf = (error) => (error.status === 0 ? 'offline' : error.status === 401 || error.status === 403 ? 'closed' : 'trouble');

export class Sync {
  #running = null;
  #again = false;
  #timer = null;
  #failures = 0;

  /** What has an answer and could not be kept, as a full disk takes nothing more; by id. Sending goes on all the same. */
  #unkept = new Map();

  /** Why the box took something not. */
  #full = null;

  /**
   * @param {object} parts
   * @param {object} parts.box where all is kept: see box.js
   * @param {(path: string, options?: object) => Promise<object>} parts.ask JSON of a path; rejects with an ApiError
   * @param {(photo: object) => Promise<void>} parts.putPhoto sends one; rejects with an ApiError
   * @param {(name: string, work: () => Promise<void>) => Promise<void>} parts.alone runs work in one tab at a time
   * @param {{now: () => number, later: (work: () => void, ms: number) => any, forget: (timer: any) => void}} parts.clock
   * @param {(told: object) => void} parts.tell hears `{ link, items, keeper, day, others, busy, error }`, those that changed
   */
  constructor({ box, ask, putPhoto, alone, clock, tell, chance = Math.random }) {
    Object.assign(this, { box, ask, putPhoto, alone, clock, tell, chance });
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
    try {
      await this.alone(LOCK, () => this.#exchange());
      this.#failures = 0;
      this.tell({ link: 'ok', busy: false, error: null });
      this.#retry(REFRESH_MS);
    } catch (error) {
      // Whatever it was, also of this device's own memory: the button stays, and it is tried again.
      if (error.status === 401) await this.#forget();
      this.tell({ link: stateOf(error), busy: false, error });
      // A link that is over does not come back by itself; a look every two minutes sees a new one.
      const wait = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LONGEST_RETRY_MS);
      this.#failures += 1;
      this.#retry(wait * (0.75 + this.chance() / 2));
    }
  }

  #retry(ms) {
    this.clock.forget(this.#timer);
    this.#timer = this.clock.later(() => this.run(), ms);
  }

  async #exchange() {
    // Whose session this is says the list: what another keeper has left here is not sent as this one's.
    const { keeper } = await this.#page('', 1);
    this.#full = null;
    await this.#send(keeper);
    await this.#photos(keeper);
    await this.#list();
    if (this.#full) throw this.#full;
  }

  /** All forms of the device as they are. */
  async #all() {
    return (await this.box.all('edits')).map((item) => this.#unkept.get(item.id) ?? item);
  }

  async #keep(...changed) {
    for (const item of changed) this.#unkept.set(item.id, item);
    if (this.#unkept.size === 0) return;
    if (await this.#kept(() => this.box.put('edits', ...this.#unkept.values()))) this.#unkept.clear();
  }

  async #kept(work) {
    try {
      await work();
      return true;
    } catch (error) {
      this.#full = error;
      return false;
    }
  }

  /** Whose link is over sees no list here any more, nor whoever found the device: only what was not sent stays. */
  async #forget() {
    try {
      const [items, photos] = [await this.box.all('edits'), await this.box.all('photos')];
      const needed = new Set(photos.map(({ edit }) => edit));
      const stays = ({ id, state, reason }) => state === WAITING || reason === 'unread' || needed.has(id);
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

  async #send(keeper) {
    for (;;) {
      const { items } = shared(await this.#all(), keeper);
      const sent = toSend(items, keeper, BATCH);
      if (sent.length === 0) return;
      const sentAt = new Date(this.clock.now()).toISOString();
      const answer = await this.ask('/api/survey/edits', { method: 'POST', body: { sent_at: sentAt, edits: sent.map(wire) } });
      const changed = settled(items, answer, sent, this.clock.now());
      if (changed.length === 0) return; // all wait for others: nothing would change by sending them again
      await this.#keep(...changed);
      this.tell({ items: await this.#all() });
    }
  }

  /** Photographs go after their forms. One that the server cannot take is put aside until the keeper has seen it. */
  async #photos(keeper) {
    const items = new Map((await this.#all()).map((item) => [item.id, item]));
    for (const photo of await this.box.all('photos')) {
      const item = items.get(photo.edit);
      if (photo.keeper !== keeper || photo.refused || item?.state === WAITING) continue;
      try {
        await this.putPhoto(photo);
      } catch (error) {
        if (![404, 413, 422].includes(error.status)) throw error;
        const { building_name, unit, number } = item ?? {};
        await this.#kept(() => this.box.put('photos', { ...photo, refused: { status: error.status, building_name, unit, number } }));
        continue;
      }
      await this.#kept(() => this.box.remove('photos', photo.id));
    }
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
    const { items } = shared(await this.#all(), day.keeper);
    // One that was put away here and stands open in a grid of the keeper's again is to be answered.
    const mine = new Set(items.filter(({ closed }) => !closed).map(({ id }) => id));
    const others = open.edits.filter(({ id }) => !mine.has(id));
    await this.#keep(...current(items, open));
    await this.#kept(() => this.box.put('day', day, { id: 'others', edits: others }, { id: 'keeper', keeper: day.keeper }));
    this.tell({ keeper: day.keeper, day, others, items: await this.#all() });
  }
}
