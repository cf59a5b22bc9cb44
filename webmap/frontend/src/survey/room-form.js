/** The form of one room while it is in hand. */
import { t } from '../i18n/index.js';
import { isEmpty, isRecorded, wrong } from './forms.js';

const NEW = ['unit', 'floor', 'number'];

/** What a place on earth may be; the server refuses a form with any other. */
const LIMITS = { lon: 180, lat: 90, accuracy: 1e6 };

/** A position as the device tells it; null where it is none. A form counts without. */
export function positionOf({ lon, lat, accuracy }) {
  const sound = Object.entries({ lon, lat, accuracy: accuracy ?? 0 }).every(([name, value]) => Number.isFinite(value) && Math.abs(value) <= LIMITS[name]);
  return sound && (accuracy ?? 0) >= 0 ? { state: 'found', lon, lat, accuracy: accuracy ?? null } : null;
}

/** What the values of a form are when they are kept: numbers as such, nothing where there is none. */
export function valuesOf(form, values) {
  const fields = form.filter(({ name }) => !['floor', 'number'].includes(name));
  return Object.fromEntries(fields.filter(({ name }) => name in values).map(({ name, kind }) => (
    [name, isEmpty(values[name]) ? null : kind === 'text' ? values[name] : Number(values[name])])));
}

export class RoomForm {
  /**
   * @param {object} parts
   * @param {import('./drafts.js').Drafts} parts.drafts
   * @param {import('./photographs.js').Photographs} parts.photographs
   * @param {(id: number) => object|null} parts.building of the list
   * @param {(building: object) => object[]} parts.rooms as of roomsOf
   * @param {(form: object) => Promise<boolean>} parts.keep keeps it on this device
   */
  constructor({ store, drafts, photographs, newId, locate, building, rooms, keep }) {
    Object.assign(this, { store, drafts, photographs, newId, locate, building, rooms, keep });
  }

  /** Take up the form of a view: of a room by its key, of a new one without. */
  begin({ building: id, key }) {
    const { day, keeper } = this.store.state;
    const building = this.building(id);
    const room = building && key ? this.rooms(building).find((one) => one.key === key) ?? null : null;
    const values = { ...room?.stands.values };
    const place = room ? { unit: room.unit, floor: room.floor, number: room.number } : { unit: building?.units[0] ?? '', floor: '', number: '' };
    // What is not known is asked, not taken for an answer.
    for (const { name, required } of day?.form ?? []) if (required && isEmpty(values[name])) values[name] = null;
    // What it saw is what stands there now, also if the list is read anew meanwhile.
    const seen = room && { base: room.stands.base, follows: room.stands.follows, resolves: room.stands.resolves };
    const draft = { id: this.newId(), keeper, building: id, key, room, seen, values, place, isNew: room === null, photos: [], drawing: 0,
      position: { state: 'none' }, tried: 0, saving: false, touched: false, offered: this.drafts.of(id, key, room) };
    this.store.set('page', { draft });
    const last = room?.stands.last;
    if (last && !isRecorded(last)) this.photographs.carry(draft.id, last);
    this.#place(draft.id);
  }

  #change(id, changes) {
    const { draft } = this.store.state;
    if (draft?.id !== id) return false;
    this.store.set('page', { draft: { ...draft, ...changes } });
    return true;
  }

  #entered(changes) {
    this.#change(this.store.state.draft.id, { ...changes, touched: true });
    this.drafts.changed();
  }

  enter(name, value) {
    this.#entered({ values: { ...this.store.state.draft.values, [name]: value } });
  }

  enterPlace(name, value) {
    this.#entered({ place: { ...this.store.state.draft.place, [name]: value } });
  }

  /** Go on with what was left here before. */
  async resume() {
    const { draft } = this.store.state;
    const { id, offered } = draft;
    const kept = await this.drafts.read(offered.id);
    if (kept === null) return void this.#change(id, { offered: null });
    const { values, place, seen, photos } = kept;
    await this.drafts.follow(offered.id, draft);
    if (this.#change(id, { values, place, seen, offered: null, touched: true })) this.photographs.show(id, photos);
  }

  /** Begin anew. */
  async discard() {
    const { id, offered } = this.store.state.draft;
    this.#change(id, { offered: null });
    await this.drafts.remove(offered.id);
  }

  /** Find out where the device is, once for a form. */
  async #place(id) {
    this.#change(id, { position: { state: 'looking' } });
    let position = null;
    try {
      position = positionOf(await this.locate());
    } catch { /* not allowed, or nobody knows */ }
    this.#change(id, { position: position ?? { state: 'none' } });
  }

  /** Names of the fields that hold what no room can have. */
  faults() {
    const { day, draft } = this.store.state;
    const found = day.form.map((field) => [field.name, wrong(field, field.name in draft.place ? draft.place[field.name] : draft.values[field.name])]);
    const bad = Object.fromEntries(found.filter(([name, fault]) => fault && (draft.isNew || !(name in draft.place))));
    if (draft.isNew) for (const name of NEW) if (isEmpty(draft.place[name])) bad[name] ??= 'missing';
    return bad;
  }

  /** Keep the form, on this device first; it goes out by itself. */
  async save() {
    const { draft, day } = this.store.state;
    // Pressed twice it is kept once; while a photograph is drawn it waits for that.
    if (draft === null || draft.saving || draft.drawing || draft.offered) return;
    if (Object.keys(this.faults()).length) {
      this.#change(draft.id, { tried: draft.tried + 1 });
      this.store.set('page', { notice: { kind: 'bad', text: t('survey.form.faults') } });
      return;
    }
    const place = draft.isNew ? { ...draft.place, floor: Number(draft.place.floor), number: String(draft.place.number).trim() } : draft.place;
    this.#change(draft.id, { saving: true });
    if (!await this.keep({ ...draft, place, values: valuesOf(day.form, draft.values) })) this.#change(draft.id, { saving: false });
  }
}
