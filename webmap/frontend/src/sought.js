/** What a link names without saying where to look: the map goes there as soon as both are there. */

export class Sought {
  #left = null;

  /**
   * @param {object} parts
   * @param {import('./store.js').Store} parts.store
   * @param {() => boolean} parts.ready whether there is a map
   * @param {Record<string, (open: object) => void>} parts.go by part of the state: how to get to what is open there
   */
  constructor({ store, ready, go }) {
    Object.assign(this, { store, ready, go });
    store.subscribe(['dossier', 'warning', 'device', 'grids', 'event', 'card', 'scene'], () => this.#look());
  }

  /** Look for what is being opened: `kind` is the part of the state in which it is read. */
  seek(kind, id) {
    this.#left = { kind, id };
  }

  #look() {
    if (this.#left === null) return;
    const { kind, id } = this.#left;
    const { [kind]: found } = this.store.state;
    const open = (found.id ?? found.code) === id;
    if (open && !(found.status === 'open' && this.ready())) return;
    this.#left = null; // found, or somebody has opened something else meanwhile
    if (open) this.go[kind](found);
  }
}
