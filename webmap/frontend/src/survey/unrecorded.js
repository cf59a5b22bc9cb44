/** Conflicts about rooms that are not on record, or not any more: entered as they were found, or put aside. */
import { t } from '../i18n/index.js';

export class Unrecorded {
  #asking = new Set();

  /**
   * @param {object} parts
   * @param {{ask: Function, run: () => Promise<void>}} parts.sync
   * @param {(edit: object, mine: boolean) => Promise<any>} parts.takeUp keeps a form that says the same as one that was left
   */
  constructor({ store, sync, takeUp }) {
    Object.assign(this, { store, sync, takeUp });
  }

  /** Have the room entered as the form says: a form for a new room, which ends the conflict. */
  enter(edit) {
    return this.takeUp({ ...edit, room: null, now: null }, true);
  }

  /** The room need not be on record: the server is asked at once, since there is no room that a form could wait for. */
  async putAside({ id, number }) {
    if (this.#asking.has(id)) return;
    this.#asking.add(id);
    let notice = { kind: 'good', text: t('survey.unrecorded.done', { room: number ?? '—' }) };
    try {
      await this.sync.ask(`/api/survey/edits/${id}/aside`, { method: 'POST' });
    } catch (error) {
      if (!error.title) throw error;
      const word = { 0: 'offline', 404: 'over', 409: 'over' }[error.status] ?? 'failed';
      notice = { kind: 'bad', text: t(`survey.unrecorded.${word}`) };
    }
    this.#asking.delete(id);
    await this.sync.run();
    this.store.set('page', { notice });
  }
}
