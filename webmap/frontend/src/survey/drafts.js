/**
 * 草稿: forms that were begun and not saved. They stay in the box with their photographs, by room, however the form was left: back, a
 * gesture, a reload, the system that ended the tab to open its camera. The room's form offers them again.
 *
 * They lie beside the list of the day (store `day`), where builds that know of none leave them alone.
 */

/** Words are kept so long after the last of them was entered. */
const SOON_MS = 400;

/** Those that nobody has gone on with for so long are forgotten. */
const KEPT_MS = 7 * 86_400_000;

const FORM = 'draft';
const PHOTO = 'draft-photo';

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
  has(building, key) {
    return this.store.state.drafts.some((one) => one.building === building && one.key === key);
  }

  of(building, key) {
    return this.store.state.drafts.find((one) => one.building === building && one.key === key) ?? null;
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
    const row = { id, keeper, building, key, values, place, seen, at: this.clock.now() };
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

  /** Forget those that are old. @param {object[]} rows of the store `day` */
  async forget(rows) {
    const old = rows.filter((row) => isDraft(row) && this.clock.now() - row.at > KEPT_MS).map(({ id }) => id);
    if (old.length) await this.remove(...old);
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
