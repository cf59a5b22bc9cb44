/** 警情档案: read everything about one alarm and keep it current while it is open. Only the newest request counts. */
import { requestJson } from '../api.js';
import { address } from '../config.js';
import { NO_DOSSIER } from './alarm-state.js';

/** What becomes of a dossier by the status of an answer; any other trouble is worth another try. */
const FAILURES = { 403: 'forbidden', 404: 'missing' };

export class Dossier {
  #abort = null;

  /** Whether steps and note are being read, and whether they are out of date already. */
  #reading = false;
  #again = false;

  /** `store` holds the state; `url` is the address of the alarms. */
  constructor({ store, url }) {
    Object.assign(this, { store, url });
  }

  get #state() {
    return this.store.state.dossier;
  }

  #set(changes) {
    this.store.set('dossier', { dossier: { ...this.#state, ...changes } });
  }

  /** Read an alarm's dossier; what is being written about the one that is open is kept. */
  async open(id) {
    this.#abort?.abort();
    const { signal } = this.#abort = new AbortController();
    const again = id === this.#state.id ? this.#state : NO_DOSSIER;
    const alarm = this.store.alarms.get(id) ?? again.alarm;
    this.store.set('dossier', { dossier: { ...NO_DOSSIER, status: 'loading', id, alarm, form: again.form } });
    this.#readTypes();
    try {
      const [parts, { steps }] = await Promise.all([
        requestJson(address(`${this.url}/{id}/dossier`, { id }), { signal }),
        requestJson(address(`${this.url}/{id}/steps`, { id }), { signal }),
      ]);
      // What the stream said meanwhile is newer than the answer.
      const newer = this.#state.alarm !== alarm ? this.#state.alarm : parts.alarm;
      this.#set({ status: 'open', parts, steps, alarm: newer, note: parts.alarm.note });
      if (newer !== parts.alarm) this.#readAgain();
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      this.#set({ status: FAILURES[error.status] ?? 'failed', error });
    }
  }

  retry() {
    return this.open(this.#state.id);
  }

  close() {
    if (this.#state.status === 'closed') return;
    this.#abort?.abort();
    this.store.set('dossier', { dossier: { ...NO_DOSSIER } });
  }

  showTab(tab) {
    this.#set({ tab });
  }

  /** An alarm was frozen for the next shift. */
  handedOver(alarmId, handover) {
    const { id, parts } = this.#state;
    if (id === alarmId && parts !== null) this.#set({ parts: { ...parts, handover } });
  }

  /** Ask for the words of a step; null closes what was asked. */
  ask(step) {
    this.#set({ form: step });
  }

  /** The alarm changed: show it as it is, what happened to it, and its note, which the stream never tells. */
  hear(alarm) {
    if (alarm.id !== this.#state.id) return;
    this.#set({ alarm });
    if (this.#state.status === 'open') this.#readAgain();
  }

  /** The stream was away: what is open here may have changed without a word. */
  async check() {
    const { id, status, alarm } = this.#state;
    const told = this.store.alarms.get(id);
    if (told) this.hear(told);
    if (told || status !== 'open') return;
    try {
      const now = await requestJson(address(`${this.url}/{id}`, { id }));
      if (this.#state.alarm === alarm) this.hear(now); // else the stream was quicker
    } catch (error) {
      if (!error.title) throw error;
      if (error.status === 404 && this.#state.id === id) this.#set({ status: 'missing', error });
    }
  }

  async #readAgain() {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#again) {
        this.#again = false;
        const { id } = this.#state;
        if (id === null) return;
        const [{ note }, { steps }] = await Promise.all([
          requestJson(address(`${this.url}/{id}`, { id })), requestJson(address(`${this.url}/{id}/steps`, { id }))]);
        if (this.#state.id === id) this.#set({ steps, note });
      }
    } catch (error) {
      if (!error.title) throw error;
      // The timeline stays as it was; the next change reads it again.
    } finally {
      this.#reading = false;
    }
  }

  /** Names and advice; without them the rest is of use, and the next alarm that is opened asks again. */
  async #readTypes() {
    if (this.store.state.alarmTypes.size > 0) return;
    try {
      const { types } = await requestJson(`${this.url}/types`);
      this.store.set('dossier', { alarmTypes: new Map(types.map((type) => [type.type, type])) });
    } catch (error) {
      if (!error.title) throw error;
    }
  }
}
