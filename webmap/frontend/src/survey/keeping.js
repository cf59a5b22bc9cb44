/** Keeps forms on this device: from then on they go out by themselves. */
import { t } from '../i18n/index.js';
import { draftId } from './drafts.js';
import { isRecorded, keyOf, standing, WAITING } from './forms.js';

export class Keeping {
  #order = 0;

  /**
   * @param {object} parts
   * @param {(work: () => Promise<void>) => Promise<void>} parts.ifKept does what the device may not be able to
   * @param {() => void} parts.tellTabs says to other tabs that the box has changed
   */
  constructor({ store, box, clock, newId, sync, drafts, photographs, ifKept, tellTabs }) {
    Object.assign(this, { store, box, clock, newId, sync, drafts, photographs, ifKept, tellTabs });
  }

  /** Forms of this device: the next one comes after them. */
  seen(items) {
    this.#order = Math.max(this.#order, ...items.map(({ order }) => order));
  }

  /** Keep the form in hand. @returns {object|null} a notice; null where it is not on this device */
  async save(building, draft) {
    const place = { room: draft.room?.id ?? null, ...draft.place };
    const { base, follows, resolves } = draft.seen ?? standing(null, keyOf({ ...place, building: building.id }), this.store.state.items);
    const notice = await this.put(building, place, draft.values, { base, follows, resolves }, draft);
    if (notice === null) return null;
    // What it was filled in anew for, and what it was begun as, is over.
    const last = draft.room?.stands.last;
    if (last && !isRecorded(last)) await this.ifKept(() => this.photographs.dismissOf(last));
    await this.drafts.remove(draftId(draft.keeper, draft.building, draft.key));
    return notice;
  }

  /**
   * Keep a form.
   * @param {{id: number, name: string}} building. @param {{room: number|null, unit: string, floor: number, number: string}} place
   * @param {{base: number|null, follows: string|null, resolves: string|null}} seen what it saw: see forms.js
   * @param {{position?: object, photos?: object[]}} [with] what else was found at the door
   * @returns {object|null} a notice; null where it is not on this device
   */
  async put(building, { room, unit, floor, number }, values, seen, { position = {}, photos = [] } = {}) {
    this.#order += 1;
    const item = {
      id: this.newId(), order: this.#order, keeper: this.store.state.day.keeper, room, building: building.id, unit, floor, number,
      building_name: building.name, values, state: WAITING, ...seen, done_at: new Date(this.clock.now()).toISOString(),
      lon: position.lon ?? null, lat: position.lat ?? null, accuracy_m: position.accuracy ?? null, photos: photos.length,
      reason: null, version: null, theirs: null, faults: [],
    };
    try {
      await this.box.put('edits', item);
    } catch (error) {
      this.store.set('page', { notice: { kind: 'bad', text: t(error.name === 'QuotaExceededError' ? 'survey.full' : 'survey.unkept') } });
      return null;
    }
    const notice = await this.photographs.keep(item, photos);
    const { items, others } = this.store.state;
    this.store.set('page', { items: [...items.filter((one) => one.id !== item.id), item], others: others.filter((one) => one.id !== seen.resolves) });
    await this.ifKept(() => this.photographs.read());
    this.tellTabs();
    this.sync.run();
    return notice ?? { kind: 'good', text: t('survey.kept', { room: number }) };
  }

  /** Put a form in the place of what it was. */
  async replace(item) {
    await this.box.put('edits', item);
    this.store.set('page', { items: this.store.state.items.map((one) => (one.id === item.id ? item : one)) });
    this.tellTabs();
  }
}
