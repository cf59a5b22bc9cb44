/** 交接快照: freeze an alarm or the whole picture for the next shift, with the picture that is on the screen. */
import { requestJson } from '../api.js';

/** The picture that is sent is no wider, in pixels: it is for reading on paper and on a page. */
const WIDTH = 1920;
const QUALITY = 0.82;

/** Base64 characters of a blob. */
async function base64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = '';
  for (let from = 0; from < bytes.length; from += 0x8000) text += String.fromCharCode(...bytes.subarray(from, from + 0x8000));
  return btoa(text);
}

/** A PNG as a smaller WebP. */
async function packed(png) {
  const bitmap = await createImageBitmap(png);
  const factor = Math.min(1, WIDTH / bitmap.width);
  const canvas = Object.assign(document.createElement('canvas'), {
    width: Math.round(bitmap.width * factor), height: Math.round(bitmap.height * factor),
  });
  canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => { canvas.toBlob(resolve, 'image/webp', QUALITY); });
}

export class Freeze {
  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {string|undefined} parts.url of the handovers; undefined where the account may make none
   * @param {() => Promise<Blob>|null} parts.picture the picture as it stands, null without a map
   * @param {() => string} parts.view query string of the page
   * @param {(alarmId: number, id: number) => void} parts.onFrozen an alarm was frozen as handover `id`
   */
  constructor({ store, url, picture, view, onFrozen }) {
    Object.assign(this, { store, url, picture, view, onFrozen });
  }

  get may() {
    return Boolean(this.url);
  }

  /** Ask for a remark; `alarmId` null is the whole picture. */
  ask(alarmId) {
    this.#set({ status: 'asking', alarmId, id: null, error: null });
  }

  putAway() {
    const { status } = this.store.state.freeze;
    if (status === 'closed' || status === 'sending') return false;
    this.#set({ status: 'closed' });
    return true;
  }

  /** Freeze it, with a remark in the person's own words. */
  async send(note) {
    const { alarmId, status } = this.store.state.freeze;
    if (status !== 'asking') return; // a second click comes before the button is disabled
    this.#set({ status: 'sending', error: null });
    try {
      const png = await this.picture();
      const body = {
        kind: alarmId === null ? 'picture' : 'alarm', note: note.trim() || null, view: this.view().slice(0, 600),
        ...(alarmId === null ? {} : { alarm_id: alarmId }),
        ...(png === null ? {} : { picture: await base64(await packed(png)) }),
      };
      const { id } = await requestJson(this.url, { method: 'POST', body });
      this.#set({ status: 'done', id });
      if (alarmId !== null) this.onFrozen(alarmId, id);
    } catch (error) {
      this.#set({ status: 'asking', error });
    }
  }

  #set(changes) {
    this.store.set('freeze', { freeze: { ...this.store.state.freeze, ...changes } });
  }
}
