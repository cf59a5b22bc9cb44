/** The catalogue of layers: read when it is shown, and again when somebody wants it. */
export const catalogueState = () => ({ layerCatalogue: { status: 'idle', layers: [], now: null, countedTo: null, open: '', error: null } });

export class CatalogueDesk {
  /** @param {import('../page.js').DataPage} page */
  constructor(page) {
    this.page = page;
  }

  restore(query) {
    this.#set({ open: (query.get('layer') ?? '').slice(0, 100) });
  }

  link() {
    return { layer: this.#state.open };
  }

  opened() {
    return this.#state.status === 'idle' ? this.again() : undefined;
  }

  /** `quiet`: nobody asked for it; what stands there stays when it fails. */
  async again({ quiet = false } = {}) {
    this.#set({ status: this.#state.layers.length ? 'changing' : 'loading', error: null });
    try {
      const { layers, now, counted_to: countedTo } = await this.page.ask(this.page.config.urls.catalogue);
      this.#set({ status: 'ready', layers, now, countedTo });
    } catch (error) {
      if (!error.title) throw error;
      this.#set(quiet ? { status: 'ready' } : { status: 'failed', error });
    }
  }

  refresh() {
    return this.#state.status === 'ready' ? this.again({ quiet: true }) : undefined;
  }

  /** Show the fields of one layer, or none. */
  open(name) {
    this.#set({ open: this.#state.open === name ? '' : name });
    this.page.writeAddress();
  }

  get #state() {
    return this.page.store.state.layerCatalogue;
  }

  #set(changes) {
    this.page.store.set('layerCatalogue', { layerCatalogue: { ...this.#state, ...changes } });
  }
}
