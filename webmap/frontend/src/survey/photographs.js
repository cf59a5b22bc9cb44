/** Photographs of the survey page: of the form in hand, those that wait, and those that the server did not take. */
import { t } from '../i18n/index.js';
import { asked, isAside } from './pieces.js';

export class Photographs {
  /** Addresses of pictures that are shown, by id. */
  #urls = new Map();

  /** @param {object} parts. @param {import('./drafts.js').Drafts} parts.drafts. @param {number} parts.most photographs of one form */
  constructor({ store, box, shrink, newId, drafts, most, urls = URL }) {
    Object.assign(this, { store, box, shrink, newId, drafts, most, urls });
  }

  /** Add a photograph to the form that is open now, and to no other, however long its drawing takes. */
  async add(file) {
    const { draft } = this.store.state;
    const { id, isNew, place } = draft;
    if (draft.photos.length + draft.drawing >= this.most) {
      this.store.set('page', { notice: { kind: 'bad', text: t('survey.photo.most', { count: this.most }) } });
      return;
    }
    this.#change(id, ({ drawing }) => ({ drawing: drawing + 1, touched: true }));
    let blob = null;
    let notice = null;
    try {
      blob = await this.shrink(file);
    } catch (error) {
      notice = { kind: 'bad', text: t(`survey.photo.${error.reason ?? 'unreadable'}`) };
    }
    const photo = blob && { id: this.newId(), blob };
    const still = this.#change(id, ({ drawing, photos }) => ({ drawing: drawing - 1, photos: photo ? [...photos, this.#shown(photo)] : photos }));
    if (photo) {
      const kept = await this.drafts.addPhoto(draft, photo);
      if (!still) notice = { kind: kept ? 'good' : 'bad', text: t(kept ? 'survey.photo.late' : 'survey.photo.late.unkept', { room: isNew ? t('survey.new') : place.number }) };
    }
    if (still || notice) this.store.set('page', { notice });
  }

  drop(id) {
    const { draft } = this.store.state;
    this.#revoke(id);
    this.#change(draft.id, ({ photos }) => ({ photos: photos.filter((photo) => photo.id !== id), touched: true }));
    this.drafts.dropPhoto(draft, id);
  }

  /** Put photographs that this device has into a form, if it is still in hand. */
  show(id, photos) {
    this.#change(id, (draft) => {
      const known = new Set(draft.photos.map((photo) => photo.id));
      return { photos: [...draft.photos, ...photos.filter((photo) => !known.has(photo.id)).map((photo) => this.#shown(photo))].slice(0, this.most) };
    });
  }

  /** A form that the server has not is filled in anew: with the photographs that were taken for it. */
  async carry(id, item) {
    this.show(id, (await this.box.all('photos')).filter(({ edit }) => edit === item.id));
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
    const { keeper, refused: shown, asidePhotos } = this.store.state;
    const mine = (await this.box.all('photos')).filter((photo) => photo.keeper === keeper);
    const refused = mine.filter(({ refused: why }) => why).map(({ refused: why, ...photo }) => ({ ...why, ...this.#shown(photo) }));
    const aside = mine.filter((photo) => !photo.refused && isAside(photo)).map((photo) => this.#shown(photo));
    for (const { id } of [...shown, ...asidePhotos]) if (![...refused, ...aside].some((one) => one.id === id)) this.#revoke(id);
    this.store.set('page', { photos: mine.length - refused.length, refused, asidePhotos: aside });
  }

  /** Have one that was put aside go out with the next exchange. */
  async ask({ id }) {
    const photo = (await this.box.all('photos')).find((one) => one.id === id);
    if (photo) await this.box.put('photos', asked(photo));
  }

  /** The keeper has seen that the server did not take it. */
  async dismiss(id) {
    await this.box.remove('photos', id);
    await this.read();
  }

  /** Nobody will send those of a form any more. */
  async dismissOf({ id }) {
    const gone = (await this.box.all('photos')).filter(({ edit }) => edit === id);
    if (gone.length) await this.box.remove('photos', ...gone.map((photo) => photo.id));
    await this.read();
  }

  /** @returns {boolean} whether that form is still in hand */
  #change(id, change) {
    const { draft } = this.store.state;
    if (draft?.id !== id) return false;
    this.store.set('page', { draft: { ...draft, ...change(draft) } });
    return true;
  }

  #shown(photo) {
    if (!this.#urls.has(photo.id)) this.#urls.set(photo.id, this.urls.createObjectURL(photo.blob));
    return { ...photo, url: this.#urls.get(photo.id) };
  }

  #revoke(id) {
    this.urls.revokeObjectURL(this.#urls.get(id));
    this.#urls.delete(id);
  }
}
