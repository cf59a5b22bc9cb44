/** 处置: take steps with alarms. What a page shows as done, the server has said. */
import { batches } from './alarm-steps.js';
import { requestJson } from '../api.js';
import { address } from '../config.js';

/** Of one alarm and of a group in `busy` and `refusals`. */
export const alarmKey = (id) => `alarm-${id}`;
export const groupKey = (id) => `group-${id}`;

/** Steps of the timeline that can stand in another one's way: those that change the state, and those of the shelf. */
const STATE = ['raised', 'escalated', 'acknowledged', 'cleared', 'closed'];
const SHELF = ['shelved', 'unshelved'];

export class Handling {
  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
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
    const name = step === 'assign' && body.assignee === null ? 'give-back' : step;
    return this.#busy(alarmKey(id), name, async () => {
      const seen = this.#seen(id);
      const expected = step === 'comment' ? null : seen?.state ?? null;
      try {
        const answer = await this.#post('{id}/{step}', { id, step }, { ...body, expected_state: expected });
        this.#accept(answer, seen);
      } catch (error) {
        const explained = error.status === 409 ? await this.#explained(error, id, expected) : error;
        throw Object.assign(explained, { state: this.#seen(id)?.state });
      }
    });
  }

  /** An alarm changed: why a step was not done in the state before is of no use any more. */
  hear({ id, state }) {
    const refused = this.store.state.refusals.get(alarmKey(id));
    if (refused && refused.state !== state) this.store.state.refusals.delete(alarmKey(id));
  }

  /** Acknowledge what nobody has acknowledged of a group. */
  acknowledgeGroup(id) {
    return this.#busy(groupKey(id), 'acknowledge', async () => {
      const seen = new Map(this.store.alarms);
      let left;
      try {
        left = this.#acceptAll(await this.#post('groups/{id}/acknowledge', { id }), seen);
      } catch (error) {
        if (error.status === 404) return; // somebody was quicker: nothing is left to acknowledge
        throw error;
      }
      this.#complain(left);
    });
  }

  /** Take one step with some alarms of a group; `body.expected_state` spares those that are in another state by now. */
  takeMany(groupId, ids, step, body = {}) {
    return this.#busy(groupKey(groupId), step, async () => {
      const left = [];
      for (const some of batches(ids)) {
        const seen = new Map(this.store.alarms);
        left.push(...this.#acceptAll(await this.#post('steps', {}, { ...body, ids: some, step }), seen));
      }
      this.#complain(left);
    });
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
      refusals.set(key, { step, error, last: error.last ?? null, state: error.state });
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

  /** Take in those that were done; returns the outcomes of the others. */
  #acceptAll({ outcomes }, seen) {
    for (const { id, alarm } of outcomes) {
      if (alarm && this.store.alarms.get(id) === seen.get(id)) this.onAlarm(alarm);
    }
    return outcomes.filter(({ alarm }) => !alarm);
  }

  #complain(left) {
    if (left.length === 0) return;
    const [{ detail }] = left;
    throw Object.assign(new Error(detail), { title: detail, status: 409, left: left.length });
  }

  /** Who was quicker: the last thing that stands in the way of the step, and the alarm as it is now. */
  async #explained(error, id, expected) {
    const seen = this.#seen(id);
    try {
      const [now, { steps }] = await Promise.all([
        requestJson(address(`${this.url}/{id}`, { id })), requestJson(address(`${this.url}/{id}/steps`, { id })),
      ]);
      this.#accept(now, seen);
      const about = now.state === expected ? SHELF : STATE;
      const last = steps.findLast(({ step }) => about.includes(step));
      return Object.assign(error, last && { last: { ...last, state: now.state } });
    } catch (trouble) {
      if (!trouble.title) throw trouble;
      return error; // who it was cannot be read now; that it was not done is known
    }
  }
}
