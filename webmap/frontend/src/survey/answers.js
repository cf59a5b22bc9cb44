/** What a keeper does about forms that stand against the record, and about what did not go out. */
import { t } from '../i18n/index.js';
import { isRecorded, WAITING } from './forms.js';
import { asked } from './pieces.js';

export class Answers {
  /** Ids of conflicts whose answer is being kept: each once, however often its button is pressed. */
  #keeping = new Set();

  /** @param {object} parts. @param {import('./keeping.js').Keeping} parts.keeping */
  constructor({ store, clock, sync, keeping, photographs }) {
    Object.assign(this, { store, clock, sync, keeping, photographs });
  }

  /** Take what stands on record for the answer to a conflict. */
  takeTheirs(item) {
    const values = Object.fromEntries(Object.keys(item.values).filter((name) => name in item.theirs).map((name) => [name, item.theirs[name]]));
    return this.#put(item, values, { resolves: item.id, base: item.version });
  }

  /** Send one's own once more, now that one has seen what stands on record. */
  sendMine(item) {
    return this.#put(item, item.values, { resolves: item.id, base: item.version });
  }

  /** Take up what somebody left open in these grids: their values, or those on record, as one's own answer. */
  takeUp(edit, mine) {
    const values = mine ? edit.said : Object.fromEntries(Object.keys(edit.said).map((name) => [name, edit.now[name]]));
    return this.#put(edit, values, { resolves: edit.id, base: edit.now?.version ?? null });
  }

  async #put(one, values, seen) {
    if (this.#keeping.has(seen.resolves)) return;
    // Until the server has said what came of an answer; one that ended refused leaves the conflict to be answered anew.
    if (this.store.state.items.some(({ resolves, state, closed }) => resolves === seen.resolves && state === WAITING && !closed)) {
      this.store.set('page', { notice: { kind: 'good', text: t('survey.answered.waits') } });
      return;
    }
    this.#keeping.add(seen.resolves);
    const notice = await this.keeping.put({ id: one.building, name: one.building_name }, one, values, { ...seen, follows: null });
    this.#keeping.delete(seen.resolves);
    if (notice !== null) this.store.set('page', { notice });
  }

  /** Put aside what nothing more is to be done about here. What the server has not, nobody has then, nor its photographs. */
  async dismiss(item) {
    await this.keeping.replace({ ...item, closed: true, settled_at: this.clock.now() });
    if (!isRecorded(item)) await this.keeping.ifKept(() => this.photographs.dismissOf(item));
  }

  /** Send what was put aside after some tries. */
  async sendAgain({ item = null, photo = null }) {
    await this.keeping.ifKept(async () => {
      if (item) await this.keeping.replace(asked(item));
      if (photo) await this.photographs.ask(photo);
    });
    await this.sync.run();
  }
}
