/** 网格员: marks of all of them, live; the card of one, and the track of a day. */
import { requestJson } from '../api.js';
import { address } from '../config.js';
import { Keepers, MAX_KEEPERS, stateCounts } from './keeper-states.js';
import { trackLines } from './keeper-track.js';
import { KEEPERS, keepersLayer, trackLayers } from '../layers/keepers.js';
import { NO_KEEPER } from './keeper-state.js';

/** Marks are drawn anew after so long: what comes meanwhile comes together. Time alone changes states as well. */
export const TOGETHER = 400;
const AGEING = 15_000;

/** A track that goes on is read again no sooner than this. */
export const TRACK_PAUSE = 20_000;

export class KeeperMap {
  picks = [KEEPERS];

  #keepers = new Keepers();
  #marks = [];
  #lines = null;
  #abort = null;
  #timer = null;
  #trackTimer = null;

  /** Code → name, telephone, grid; null before they were read. */
  #known = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {{keepers?: string, track?: string, coverage?: string}} parts.urls none for who may not see keepers
   */
  constructor({ store, urls }) {
    Object.assign(this, { store, urls });
    this.hears = {
      snapshot: ({ keepers }) => {
        this.#keepers.takeSnapshot(keepers);
        this.#soon();
      },
      keeper: (keeper) => {
        this.#keepers.take(keeper);
        this.#soon();
        if (keeper.code === this.#open.code) this.#trackSoon();
      },
    };
  }

  restore({ keepers }) {
    if (keepers) this.show(true);
  }

  linked() {
    return { keepers: this.shown }; // never who is open: an address is kept in many places
  }

  get #open() {
    return this.store.state.keeper;
  }

  /** Are keepers drawn? */
  get shown() {
    return this.store.state.layers.keepers;
  }

  /** May this account see where keepers are? */
  get allowed() {
    return Boolean(this.urls.keepers);
  }

  #set(changes) {
    this.store.set('keepers', { keeper: { ...this.#open, ...changes } });
  }

  // --- all of them -----------------------------------------------------------------------------------------

  show(shown) {
    if (!this.allowed) return undefined;
    const { layers } = this.store.state;
    this.store.set('view', { layers: { ...layers, keepers: shown } });
    if (!shown) {
      this.close();
      return undefined;
    }
    return this.#read();
  }

  /** Names and telephones, and from when on a keeper is silent. Positions come with the stream. */
  async #read() {
    if (this.#known !== null) return this.#remark();
    try {
      const known = new Map();
      let after = '';
      let answer;
      do {
        answer = await requestJson(`${this.urls.keepers}?${new URLSearchParams({ limit: 1000, after })}`);
        for (const one of answer.keepers) known.set(one.code, one);
        after = answer.after;
      } while (after && known.size < MAX_KEEPERS);
      this.#known = known;
      const { fresh_s, off_duty_s } = answer;
      this.store.set('keepers', { keepers: { ...this.store.state.keepers, status: 'ready', error: null, rules: { fresh_s, off_duty_s } } });
    } catch (error) {
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      this.store.set('keepers', { keepers: { ...this.store.state.keepers, status: 'failed', error } });
    }
    return this.#remark();
  }

  #soon() {
    if (this.shown && this.#known !== null) this.#timer ??= this.#wait(TOGETHER);
  }

  #wait(milliseconds) {
    const timer = setTimeout(() => this.#remark(), milliseconds);
    timer.unref?.(); // Node's tests end without it
    return timer;
  }

  /** Work out what everybody does now. */
  #remark() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.shown) return;
    const { keepers } = this.store.state;
    if (keepers.rules !== null) {
      this.#marks = this.#keepers.marks(this.store.now(), keepers.rules);
      this.store.set('keepers', { keepers: { ...keepers, counts: stateCounts(this.#marks) } });
    }
    setTimeout(() => this.#soon(), AGEING).unref?.();
  }

  /** What is known of a keeper: name, telephone, grid as listed; where and what as the stream tells it; state. */
  known(code) {
    const mark = this.#marks.find((one) => one.code === code);
    return { code, ...this.#known?.get(code), ...this.#keepers.get(code), state: mark?.state ?? 'off' };
  }

  /** Those in a state, by name. */
  inState(state) {
    return this.#marks.filter((mark) => mark.state === state).map(({ code }) => this.known(code))
      .sort((one, other) => String(one.name ?? one.code).localeCompare(other.name ?? other.code, 'zh'));
  }

  layers({ state, style, scale, below }) {
    if (!state.layers.keepers || state.past.on) return {}; // of the past the past itself draws them
    const look = { style, scale, chosen: state.keeper.code, beforeId: below.labels };
    return { marked: [...(this.#lines ? trackLayers(this.#lines, look) : []), keepersLayer(this.#marks, look)] };
  }

  clicked(info) {
    this.open(info.object.code);
  }

  // --- one of them -----------------------------------------------------------------------------------------

  /** The card of a keeper, with the track of today. */
  open(code) {
    this.#set({ ...NO_KEEPER, status: 'loading', code });
    return this.#readDay();
  }

  /** Another day: 2026-11-23; null for today. */
  setDay(day) {
    this.#set({ day, status: 'loading', track: null, coverage: null });
    return this.#readDay();
  }

  retry() {
    return this.#readDay();
  }

  /** Only the newest request counts; what is drawn stays until the answer is here. */
  async #readDay() {
    this.#abort?.abort();
    const { signal } = this.#abort = new AbortController();
    const { code, day } = this.#open;
    const { grid_code: grid } = this.known(code);
    const query = (values) => new URLSearchParams({ ...values, ...(day ? { day } : {}) });
    const covered = grid ? requestJson(`${this.urls.coverage}?${query({ grid })}`, { signal }).catch((error) => {
      if (!signal.aborted && !error.title) throw error;
      return null; // the track is of use without it
    }) : null;
    try {
      const track = await requestJson(`${address(this.urls.track, { code })}?${query({})}`, { signal });
      if (signal.aborted) return;
      this.#lines = trackLines(track);
      this.#set({ status: 'open', track, error: null });
      const coverage = await covered;
      if (!signal.aborted) this.#set({ coverage });
    } catch (error) {
      if (signal.aborted) return;
      if (!error.title) throw error;
      this.#lines = null;
      this.#set({ status: error.status === 404 ? 'missing' : 'failed', error });
    }
  }

  #trackSoon() {
    if (this.#open.day !== null) return;
    this.#trackTimer ??= setTimeout(() => {
      this.#trackTimer = null;
      if (this.#open.status === 'open' && this.#open.day === null) this.#readDay();
    }, TRACK_PAUSE);
    this.#trackTimer.unref?.();
  }

  close() {
    if (this.#open.status === 'closed') return;
    this.#abort?.abort();
    this.#lines = null;
    this.#set({ ...NO_KEEPER });
  }
}
