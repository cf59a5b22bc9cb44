/** 楼栋卡片: read one building and keep the card's state, or the sums of a cell. Only the newest request counts. */
import { requestJson } from '../api.js';
import { address } from '../config.js';

export class Card {
  #abort = null;

  /** `store` holds the state; `url` is the address of a building with `{id}`. */
  constructor({ store, url }) {
    Object.assign(this, { store, url });
  }

  async open(id) {
    this.#abort?.abort();
    this.#abort = new AbortController();
    this.store.set('card', { card: { status: 'loading', id, building: null, error: null }, cell: null });
    try {
      const building = await requestJson(address(this.url, { id }), { signal: this.#abort.signal });
      this.store.set('card', { card: { status: 'open', id, building, error: null } });
    } catch (error) {
      if (error.name === 'AbortError') return;
      const status = error.status === 404 ? 'missing' : 'failed';
      this.store.set('card', { card: { status, id, building: null, error } });
    }
  }

  retry() {
    return this.open(this.store.state.card.id);
  }

  close() {
    this.#abort?.abort();
    this.store.set('card', { card: { status: 'closed', id: null, building: null, error: null }, cell: null });
  }

  /** Show the sums of a cell, as pickedCell takes them from its tile. */
  openCell(cell) {
    this.close();
    this.store.set('card', { cell });
  }
}
