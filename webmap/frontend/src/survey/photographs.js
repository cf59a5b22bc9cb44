/** Photographs of the survey page: of the form in hand, those that wait, and those that the server did not take. */
import { t } from '../i18n/index.js';

export class Photographs {
  /** Addresses of pictures that are shown, by id. */
  #urls = new Map();

  constructor({ store, box, shrink, newId, urls = URL }) {
    Object.assign(this, { store, box, shrink, newId, urls });
  }

  /** Add a photograph to the form that is open now, and to no other, however long its drawing takes. */
  async add(file) {
    const { id, isNew, place } = this.store.state.draft;
    this.#change(id, ({ drawing }) => ({ drawing: drawing + 1 }));
    let blob = null;
    let notice = null;
    try {
      blob = await this.shrink(file);
    } catch (error) {
      notice = { kind: 'bad', text: t(`survey.photo.${error.reason ?? 'unreadable'}`) };
    }
    const photo = blob && { id: this.newId(), blob };
    const still = this.#change(id, ({ drawing, photos }) => ({ drawing: drawing - 1, photos: photo ? [...photos, { ...photo, url: this.#url(photo) }] : photos }));
    if (photo && !still) notice = { kind: 'bad', text: t('survey.photo.late', { room: isNew ? t('survey.new') : place.number }) };
    if (still || notice) this.store.set('page', { notice });
  }

  drop(id) {
    this.#revoke(id);
    this.#change(this.store.state.draft.id, ({ photos }) => ({ photos: photos.filter((photo) => photo.id !== id) }));
  }

  /** The form in hand is left: its pictures are shown no more. */
  left() {
    for (const { id } of this.store.state.draft?.photos ?? []) this.#revoke(id);
  }

  /** Keep those of a form. It counts also without them, where there is no more room. @returns {object|null} a notice */
  async keep(item, photos) {
    try {
      for (const { id, blob } of photos) await this.box.put('photos', { id, edit: item.id, keeper: item.keeper, blob });
      return null;
    } catch {
      return { kind: 'bad', text: t('survey.photo.full') };
    }
  }

  /** Take over what this device keeps of the keeper's. */
  async read() {
    const { keeper, refused: shown } = this.store.state;
    const mine = (await this.box.all('photos')).filter((photo) => photo.keeper === keeper);
    const refused = mine.filter(({ refused: why }) => why).map(({ id, blob, refused: why }) => ({ ...why, id, url: this.#url({ id, blob }) }));
    for (const { id } of shown) if (!refused.some((one) => one.id === id)) this.#revoke(id);
    this.store.set('page', { photos: mine.length - refused.length, refused });
  }

  /** The keeper has seen that the server did not take it. */
  async dismiss(id) {
    await this.box.remove('photos', id);
    await this.read();
  }

  /** @returns {boolean} whether that form is still in hand */
  #change(id, change) {
    const { draft } = this.store.state;
    if (draft?.id !== id) return false;
    this.store.set('page', { draft: { ...draft, ...change(draft) } });
    return true;
  }

  #url({ id, blob }) {
    if (!this.#urls.has(id)) this.#urls.set(id, this.urls.createObjectURL(blob));
    return this.#urls.get(id);
  }

  #revoke(id) {
    this.urls.revokeObjectURL(this.#urls.get(id));
    this.#urls.delete(id);
  }
}
