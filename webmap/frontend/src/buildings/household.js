/** 户室与住户: the rooms of a building, the household of one, and one resident as they are for a minute, for a reason. */
import { requestJson } from '../api.js';
import { address } from '../config.js';
import { NO_HOUSEHOLD, NO_ROOMS } from './building-state.js';
import { SurveyPhotos } from '../survey-photos.js';

/** How often the time of what is revealed is looked at. */
const TICK = 1000;

/** What a card is by the status of an answer; any other trouble is worth another try. */
const FAILURES = { 403: 'forbidden', 404: 'missing' };

export class Household {
  #abort = null;
  #timer = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {{rooms: string, room: string, reveal: string, surveyPhoto: string}} parts.urls with `{id}`
   * @param {boolean} parts.mayReveal the account may see residents as they are
   * @param {(id: number) => void} parts.onBuilding opens the card of a building
   * @param {object} [parts.photos] parts of SurveyPhotos, as tests give them
   * @param {object} [parts.clock] `{ now, setInterval, clearInterval }`, where milliseconds run on
   */
  constructor({ store, urls, mayReveal, onBuilding, request = requestJson, clock = {}, photos = {} }) {
    Object.assign(this, { store, urls, mayReveal, onBuilding, request });
    this.photos = new SurveyPhotos({ url: urls.surveyPhoto, onChange: (shown) => this.#set({ photos: shown }), ...photos });
    this.now = clock.now ?? (() => performance.now());
    this.setInterval = clock.setInterval ?? ((callback, ms) => setInterval(callback, ms));
    this.clearInterval = clock.clearInterval ?? ((timer) => clearInterval(timer));
  }

  get #state() {
    return this.store.state.household;
  }

  #set(changes) {
    this.store.set('household', { household: { ...this.#state, ...changes } });
  }

  restore({ room }) {
    if (room) this.open(room);
  }

  linked() {
    return { room: this.#state.id };
  }

  // --- the rooms of a building -----------------------------------------------------------------------------

  /** List the rooms of a building, over its card. */
  list(buildingId) {
    this.#forget();
    return this.#read(buildingId, this.urls.rooms, (status, data, error) => {
      this.store.set('household', {
        household: { ...NO_HOUSEHOLD }, rooms: { ...NO_ROOMS, status, buildingId, data, error },
      });
    });
  }

  /** Show one unit, and of its rooms those in one state; null for all. */
  choose({ unit, state }) {
    const { rooms } = this.store.state;
    this.store.set('household', {
      rooms: { ...rooms, ...(unit === undefined ? {} : { unit }), ...(state === undefined ? {} : { state }) },
    });
  }

  // --- one room --------------------------------------------------------------------------------------------

  /** Show a room and who lives in it. What was revealed of another one is forgotten. */
  open(roomId) {
    this.#forget();
    return this.#read(roomId, this.urls.room, (status, data, error) => {
      // A list stays behind the card only while it is that of the same building.
      const other = data !== null && data.building.id !== this.store.state.rooms.buildingId;
      this.store.set('household', {
        household: { ...NO_HOUSEHOLD, status, id: roomId, data, error }, ...(other ? { rooms: { ...NO_ROOMS } } : {}),
      });
    });
  }

  /** Read again what could not be read. */
  retry() {
    const { household, rooms } = this.store.state;
    return household.status === 'closed' ? this.list(rooms.buildingId) : this.open(household.id);
  }

  async #read(id, url, show) {
    this.#abort?.abort();
    const { signal } = this.#abort = new AbortController();
    show('loading', null, null);
    try {
      const data = await this.request(address(url, { id }), { signal });
      if (!signal.aborted) show('open', data, null);
    } catch (error) {
      if (error.name === 'AbortError' || signal.aborted) return;
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      show(FAILURES[error.status] ?? 'failed', null, error);
    }
  }

  /** From a room to the list that it was chosen in, or to the card of its building; from the list to that card. */
  back() {
    const { household, rooms, card } = this.store.state;
    const inList = household.status !== 'closed' && rooms.status !== 'closed';
    const building = household.data?.building?.id ?? rooms.buildingId;
    if (inList) {
      this.#abort?.abort();
      this.#forget();
      this.store.set('household', { household: { ...NO_HOUSEHOLD } });
      return;
    }
    this.close();
    if (building && card.id !== building) this.onBuilding(building);
  }

  close() {
    const { household, rooms } = this.store.state;
    this.#forget();
    if (household.status === 'closed' && rooms.status === 'closed') return;
    this.#abort?.abort();
    this.store.set('household', { household: { ...NO_HOUSEHOLD }, rooms: { ...NO_ROOMS } });
  }

  /** Escape: a form first, then what was revealed, then one step back. */
  putAway() {
    const { household, rooms } = this.store.state;
    if (household.form !== null) this.ask(null);
    else if (household.revealed.size > 0 || household.photos.urls.length > 0) this.#forget();
    else if (household.status !== 'closed' || rooms.status !== 'closed') this.back();
    else return false;
    return true;
  }

  /** Look at the photographs of the room's surveys. */
  lookAtPhotos() {
    return this.photos.look(this.#state.data.photos.map(({ id }) => id));
  }

  // --- one resident ----------------------------------------------------------------------------------------

  /** Ask why a resident is to be seen; null closes what was asked. */
  ask(residentId) {
    this.#set({ form: residentId, fault: null, busy: false });
  }

  /** See a resident as they are. `wanted` is `{ reason, words, alarm_id, fields }`. */
  async reveal(residentId, wanted) {
    const { id } = this.#state;
    this.#set({ busy: true, fault: null });
    try {
      const { resident_id: _, shown_s: seconds, left, ...values } = await this.request(
        address(this.urls.reveal, { id: residentId }), { method: 'POST', body: wanted });
      if (this.#state.id !== id) return; // another card is open: nobody looks at it any more
      const revealed = new Map(this.#state.revealed);
      revealed.set(residentId, { values, until: this.now() + seconds * 1000 });
      this.#set({ form: null, busy: false, revealed, left });
      this.#timer ??= this.setInterval(() => this.#look(), TICK);
    } catch (error) {
      if (!error.title) throw error;
      if (this.#state.id === id) this.#set({ busy: false, fault: error });
    }
  }

  /** Mask a resident again before the time is over. */
  hide(residentId) {
    const revealed = new Map(this.#state.revealed);
    revealed.delete(residentId);
    this.#set({ revealed });
    if (revealed.size === 0) this.#rest();
  }

  /** Milliseconds for which a resident is still shown. */
  remaining(residentId) {
    return Math.max(0, (this.#state.revealed.get(residentId)?.until ?? 0) - this.now());
  }

  /** Mask whose time is over. Called by the timer, and when the page is shown again: a hidden one's timers sleep. */
  check() {
    if (this.#state.revealed.size > 0) this.#look();
  }

  #look() {
    const now = this.now();
    const revealed = new Map([...this.#state.revealed].filter(([, { until }]) => until > now));
    this.#set({ revealed });
    if (revealed.size === 0) this.#rest();
  }

  #rest() {
    this.clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Nothing that was revealed stays: not beyond its time, its card or its page. */
  forget() {
    this.#forget();
  }

  #forget() {
    this.photos.forget();
    if (this.#state.revealed.size === 0) return;
    this.#rest();
    this.#set({ revealed: new Map() });
  }
}
