/** 事件卡片: read one event with its steps and tasks, and keep them current while it is open. Only the newest request counts. */
import { requestJson } from '../api.js';
import { NO_EVENT } from './event-state.js';

/** What becomes of a card by the status of an answer; any other trouble is worth another try. */
const FAILURES = { 403: 'forbidden', 404: 'missing' };

export class EventCard {
  #abort = null;

  /** `url` of the events, `tasksUrl` of the tasks. */
  constructor({ store, url, tasksUrl }) {
    Object.assign(this, { store, url, tasksUrl });
    this.hears = { event: ({ id }) => id === this.#state.id && this.#read() };
  }

  restore({ event, alarm, warning }) {
    if (event && !alarm && !warning) this.open(event); // the place beside the map is theirs
  }

  linked() {
    return { event: this.#state.id };
  }

  get #state() {
    return this.store.state.event;
  }

  #set(changes) {
    this.store.set('event', { event: { ...this.#state, ...changes } });
  }

  open(id) {
    this.store.set('event', { event: { ...NO_EVENT, status: 'loading', id } });
    return this.#read();
  }

  retry() {
    return this.open(this.#state.id);
  }

  close() {
    if (this.#state.status === 'closed') return;
    this.#abort?.abort();
    this.store.set('event', { event: { ...NO_EVENT } });
  }

  streamBegan() {
    if (this.#state.status === 'open') this.#read();
  }

  async #read() {
    this.#abort?.abort();
    const { signal } = this.#abort = new AbortController();
    const { id } = this.#state;
    try {
      const [event, { steps }, tasks] = await Promise.all([
        requestJson(`${this.url}/${id}`, { signal }), requestJson(`${this.url}/${id}/steps`, { signal }), this.#tasks(id, signal)]);
      this.#set({ status: 'open', event, steps, tasks, error: null });
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      this.#set({ status: FAILURES[error.status] ?? 'failed', error });
    }
  }

  /** Null for an account that may not see tasks. */
  async #tasks(id, signal) {
    try {
      return (await requestJson(`${this.tasksUrl}?event=${id}`, { signal })).tasks;
    } catch (error) {
      if (error.status === 403) return null;
      throw error;
    }
  }
}
