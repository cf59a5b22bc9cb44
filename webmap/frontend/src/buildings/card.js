/** 楼栋卡片: read one building and keep the card's state, or the sums of a cell. Only the newest request counts. */
import { requestJson } from '../api.js';
import { address } from '../config.js';
import { tileAt, touches } from '../map/tile-changes.js';

/** Of many changes at a time, one look. */
const LOOK_AGAIN = 800;

export class Card {
  #abort = null;
  #again = null;

  /** `store` holds the state; `url` is the address of a building with `{id}`. */
  constructor({ store, url }) {
    Object.assign(this, { store, url });
  }

  open(id) {
    this.store.set('card', { card: { status: 'loading', id, building: null, error: null }, cell: null });
    return this.#read(id);
  }

  async #read(id) {
    clearTimeout(this.#again);
    this.#abort?.abort();
    const { signal } = this.#abort = new AbortController();
    try {
      const building = await requestJson(address(this.url, { id }), { signal });
      this.store.set('card', { card: { status: 'open', id, building, error: null } });
      this.store.addTold(building.alarms); // in a flood the page holds the most urgent ones alone
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (error.status !== 404 && this.store.state.card.status === 'open') return; // what is shown stays; the next change asks again
      const status = error.status === 404 ? 'missing' : 'failed';
      this.store.set('card', { card: { status, id, building: null, error } });
    }
  }

  /** What is on record may be something else, or nothing: read it again, and leave what is shown until then. */
  lookAgain() {
    const { status, id } = this.store.state.card;
    if (status !== 'open') return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#read(id), LOOK_AGAIN);
  }

  /** Tiles of the server have changed. */
  changed(changes) {
    const { status, building } = this.store.state.card;
    if (status !== 'open' || !building.centre) return;
    const tile = tileAt(...building.centre);
    if (changes.some((change) => change.layer === 'buildings' && touches(change, tile))) this.lookAgain();
  }

  retry() {
    return this.open(this.store.state.card.id);
  }

  close() {
    clearTimeout(this.#again);
    this.#abort?.abort();
    this.store.set('card', { card: { status: 'closed', id: null, building: null, error: null }, cell: null });
  }

  /** Show the sums of a cell, as pickedCell takes them from its tile. */
  openCell(cell) {
    this.close();
    this.store.set('card', { cell });
  }
}
