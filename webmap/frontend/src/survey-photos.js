/** 采集照片: photographs that keepers took, on a room's card and beside a conflict. Each look is written down, so none is read before somebody asks. */
import { requestBytes } from './api.js';
import { address } from './config.js';

/** Nobody has asked for any. `urls`: those that were read, as addresses in this page. */
export const NO_PHOTOS = { status: 'hidden', urls: [], error: null };

export class SurveyPhotos {
  #asked = 0;

  /**
   * @param {object} parts
   * @param {string} parts.url of one, with `{id}`
   * @param {(photos: object) => void} parts.onChange what is to be shown now
   */
  constructor({ url, onChange, ask = requestBytes, objectUrls = URL }) {
    Object.assign(this, { url, onChange, ask, objectUrls });
  }

  #photos = NO_PHOTOS;

  #set(changes) {
    this.#photos = { ...this.#photos, ...changes };
    this.onChange(this.#photos);
  }

  /** Read photographs one after the other, and show each as it comes; after a failure those that are missing can be asked for. */
  async look(ids) {
    if (this.#photos.status === 'loading') return;
    this.#asked += 1;
    const asked = this.#asked;
    this.#set({ status: 'loading', error: null });
    try {
      for (const id of ids.slice(this.#photos.urls.length)) {
        const bytes = await this.ask(address(this.url, { id }), 'image/jpeg', (all) => all);
        if (asked !== this.#asked) return; // something else is open: nobody looks at it any more
        this.#set({ urls: [...this.#photos.urls, this.objectUrls.createObjectURL(new Blob([bytes], { type: 'image/jpeg' }))] });
      }
      this.#set({ status: 'shown' });
    } catch (error) {
      if (!error.title) throw error;
      if (asked === this.#asked) this.#set({ status: 'hidden', error });
    }
  }

  /** Nothing of them stays in the page. */
  forget() {
    this.#asked += 1;
    if (this.#photos === NO_PHOTOS) return;
    for (const url of this.#photos.urls) this.objectUrls.revokeObjectURL(url);
    this.#photos = NO_PHOTOS;
    this.onChange(NO_PHOTOS);
  }
}
