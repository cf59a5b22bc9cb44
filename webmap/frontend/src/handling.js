/** 处置: take steps with alarms. What a page shows as done, the server has said. */
import { batches } from './alarm-steps.js';
import { requestJson } from './api.js';
import { address } from './config.js';

/** Of one alarm and of a group in `busy` and `refusals`. */
export const alarmKey = (id) => `alarm-${id}`;
export const groupKey = (id) => `group-${id}`;

export class Handling {
  /**
   * @param {object} parts
   * @param {import('./store.js').Store} parts.store
   * @param {string} parts.url of the alarms
   * @param {(alarm: object) => void} parts.onAlarm takes in an alarm as the server says it is now
   */
  constructor({ store, url, onAlarm }) {
    Object.assign(this, { store, url, onAlarm });
  }

  /**
   * Take one step with one alarm, in the state in which it is seen here. Resolves to whether it was done; why not
   * stands in `refusals`.
   */
  take(id, step, body = {}) {
    return this.#busy(alarmKey(id), step, async () => {
      const seen = this.#seen(id);
      const expected = step === 'comment' ? null : seen?.state ?? null;
      try {
        const answer = await this.#post('{id}/{step}', { id, step }, { ...body, expected_state: expected });
        this.#accept(answer, seen);
      } catch (error) {
        throw error.status === 409 ? await this.#explained(error, id) : error;
      }
    });
  }

  /** Acknowledge what nobody has acknowledged of a group. */
  acknowledgeGroup(id) {
    return this.#busy(groupKey(id), 'acknowledge', async () => {
      const seen = new Map(this.store.alarms);
      this.#acceptAll(await this.#post('groups/{id}/acknowledge', { id }), seen);
    });
  }

  /** Take one step with some alarms of a group; `body.expected_state` spares those that are in another state by now. */
  takeMany(groupId, ids, step, body = {}) {
    return this.#busy(groupKey(groupId), step, async () => {
      for (const some of batches(ids)) {
        const seen = new Map(this.store.alarms);
        this.#acceptAll(await this.#post('steps', {}, { ...body, ids: some, step }), seen);
      }
    });
  }

  /** Take back what was said about a step that was not done. */
  forget(key) {
    if (this.store.state.refusals.delete(key)) this.#tell();
  }

  /** Do `work` unless something is on its way for `key` already. */
  async #busy(key, step, work) {
    const { busy, refusals } = this.store.state;
    if (busy.has(key)) return false;
    busy.set(key, step);
    refusals.delete(key);
    this.#tell();
    try {
      await work();
      return true;
    } catch (error) {
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      refusals.set(key, { step, error, last: error.last ?? null });
      return false;
    } finally {
      busy.delete(key);
      this.#tell();
    }
  }

  #tell() {
    this.store.touch('alarms');
    this.store.touch('dossier');
  }

  #post(path, values, body = {}) {
    return requestJson(address(`${this.url}/${path}`, values), { method: 'POST', body });
  }

  #seen(id) {
    const { dossier } = this.store.state;
    return this.store.alarms.get(id) ?? (dossier.id === id ? dossier.alarm : null);
  }

  /** The stream may have told of the alarm meanwhile: that is the newer word, and the step is in it or comes after it. */
  #accept(alarm, seen) {
    if (this.#seen(alarm.id) === seen) this.onAlarm(alarm);
  }

  #acceptAll({ done, outcomes }, seen) {
    for (const { id, alarm } of outcomes) {
      if (alarm && this.store.alarms.get(id) === seen.get(id)) this.onAlarm(alarm);
    }
    if (done < outcomes.length) {
      const { detail } = outcomes.find(({ alarm }) => !alarm);
      throw Object.assign(new Error(detail), { title: detail, status: 409, left: outcomes.length - done });
    }
  }

  /** Who was quicker: the last thing that happened to the alarm, and the alarm as it is now. */
  async #explained(error, id) {
    const [now, { steps }] = await Promise.all([
      requestJson(address(`${this.url}/{id}`, { id })), requestJson(address(`${this.url}/{id}/steps`, { id })),
    ]);
    this.onAlarm(now);
    return Object.assign(error, { last: { ...steps.findLast(({ step }) => step !== 'repeated'), state: now.state } });
  }
}
