/**
 * 草稿: forms that were begun and not saved. They stay in the box with their photographs, by room, however the form was left: back, a
 * gesture, a reload, the system that ended the tab to open its camera. The room's form offers them again.
 *
 * They lie beside the list of the day (store `day`), where builds that know of none leave them alone.
 */
import { t } from '../i18n/index.js';
import { keyOf } from './forms.js';

/** Words are kept so long after the last of them was entered. */
const SOON_MS = 400;

/** Those that nobody has gone on with for so long are forgotten: by the server's clock, between one list that came and another. */
const KEPT_MS = 7 * 86_400_000;

const FORM = 'draft';
const PHOTO = 'draft-photo';

/** The row that says with which list each was first there: beside the drafts, which another tab may be writing. */
const AGES = 'draft-ages';

export const draftId = (keeper, building, key) => `${FORM}:${keeper}:${building}:${key ?? 'new'}`;
const photoId = (draft, id) => `${PHOTO}:${draft}:${id}`;

const isDraft = ({ id }) => id.startsWith(`${FORM}:`);
const isPhoto = ({ id }) => id.startsWith(`${PHOTO}:`);

export class Drafts {
  #timer = null;

  /** @param {object} parts. @param {() => void} parts.unkept is told when the box takes one not */
  constructor({ store, box, clock, unkept }) {
    Object.assign(this, { store, box, clock, unkept });
  }

  /** Show those of a keeper that the box has. @param {object[]} rows of its store `day` */
  take(rows, keeper) {
    this.store.set('page', { drafts: rows.filter((row) => isDraft(row) && row.keeper === keeper).map(({ id, building, key, at }) => ({ id, building, key, at })) });
  }

  /** Whether there is one of a room, or of a building's new room. */
  has(building, key, place = null) {
    return this.of(building, key, place) !== null;
  }

  /**
   * The one of a room.
   * @param {{unit: string, number: string}|null} place of the room: what was begun when it had been found and had no key on record
   *   yet lies under its place, and is the room's all the same
   */
  of(building, key, place = null) {
    const under = (name) => this.store.state.drafts.find((one) => one.building === building && one.key === name) ?? null;
    return under(key) ?? (key && place ? under(keyOf({ room: null, building, unit: place.unit, number: place.number })) : null);
  }

  /** Have one lie under the form in hand from now on, with its photographs. */
  async follow(id, { keeper, building, key }) {
    const to = draftId(keeper, building, key);
    if (id === to) return;
    await this.#tried(async () => {
      const rows = await this.box.all('day');
      const found = rows.find((row) => row.id === id);
      if (!found) return;
      const photos = rows.filter((row) => isPhoto(row) && row.draft === id);
      await this.box.put('day', { ...found, id: to, key }, ...photos.map((row) => ({ ...row, id: photoId(to, row.photo), draft: to })));
      await this.box.remove('day', id, ...photos.map((row) => row.id));
      const { drafts } = this.store.state;
      this.store.set('page', { drafts: [...drafts.filter((one) => one.id !== id && one.id !== to), { id: to, building, key, at: found.at }] });
    });
  }

  /** The form in hand has changed. */
  changed() {
    this.clock.forget(this.#timer);
    this.#timer = this.clock.later(() => this.flush(), SOON_MS);
  }

  /** Keep the form in hand now, if anything was entered. */
  async flush() {
    this.clock.forget(this.#timer);
    const { draft } = this.store.state;
    if (draft?.touched && !draft.saving) await this.#keep(draft);
  }

  async #keep({ id: _, keeper, building, key, values, place, seen }) {
    const id = draftId(keeper, building, key);
    const row = { id, keeper, building, key, values, place, seen, at: this.clock.now() + (this.store.state.day?.offset ?? 0) };
    await this.#tried(() => this.box.put('day', row));
    const { drafts } = this.store.state;
    if (this.store.state.keeper === keeper) this.store.set('page', { drafts: [...drafts.filter((one) => one.id !== id), { id, building, key, at: row.at }] });
  }

  /** A photograph of a form, which may have been left meanwhile. @returns {boolean} whether it is kept */
  async addPhoto(draft, { id, blob }) {
    const whole = draftId(draft.keeper, draft.building, draft.key);
    const kept = await this.#tried(() => this.box.put('day', { id: photoId(whole, id), draft: whole, photo: id, blob }));
    if (kept && !this.of(draft.building, draft.key)) await this.#keep(draft);
    return kept;
  }

  dropPhoto({ keeper, building, key }, id) {
    return this.#tried(() => this.box.remove('day', photoId(draftId(keeper, building, key), id)));
  }

  /** One as it was left: `{ values, place, seen, photos }`; null where another tab has used it. */
  async read(id) {
    const rows = await this.box.all('day');
    const found = rows.find((row) => row.id === id);
    return found ? { ...found, photos: rows.filter((row) => isPhoto(row) && row.draft === id).map(({ photo, blob }) => ({ id: photo, blob })) } : null;
  }

  /** It was saved, or is wanted no more. */
  async remove(...ids) {
    this.clock.forget(this.#timer);
    this.store.set('page', { drafts: this.store.state.drafts.filter(({ id }) => !ids.includes(id)) });
    await this.#tried(async () => {
      const rows = await this.box.all('day');
      const gone = rows.filter((row) => ids.includes(row.id) || (isPhoto(row) && ids.includes(row.draft))).map(({ id }) => id);
      if (gone.length) await this.box.remove('day', ...gone);
    });
  }

  /**
   * A list came: forget what lies here since one of more than a week before. The device's clock has no part in it, since it may be
   * set by any amount between two days; a device that had no list for weeks forgets nothing that was begun meanwhile.
   * @param {number} readAt when the list was read, by the server's clock
   */
  async age(readAt) {
    const rows = await this.box.all('day');
    const before = rows.find(({ id }) => id === AGES)?.first ?? {};
    const { draft } = this.store.state;
    const inHand = draft && draftId(draft.keeper, draft.building, draft.key);
    const first = {};
    const old = [];
    for (const { id, at } of rows.filter(isDraft)) {
      // One that was gone on with begins anew.
      const since = before[id]?.at === at ? Math.min(before[id].since, readAt) : readAt;
      if (readAt - since > KEPT_MS && id !== inHand) old.push(id);
      else first[id] = { at, since };
    }
    if (Object.keys(first).length || Object.keys(before).length) await this.#tried(() => this.box.put('day', { id: AGES, first }));
    if (old.length === 0) return;
    const photos = rows.filter((row) => isPhoto(row) && old.includes(row.draft)).length;
    await this.remove(...old);
    this.store.set('page', { notice: { kind: 'bad', text: t(photos ? 'survey.draft.forgotten.photos' : 'survey.draft.forgotten', { count: old.length, photos }) } });
  }

  /** How many there are on this device, whoever's they are. */
  async count() {
    return (await this.box.all('day')).filter(isDraft).length;
  }

  async #tried(work) {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.unkept(error);
      return false;
    }
  }
}
