/** The map with the scene on it: what is drawn, how fresh its tiles are, and when the picture is complete. */
import { CityMap } from './map.js';
import { Readiness } from './readiness.js';
import { convertScene } from './scene.js';
import { TileUpdates } from './tile-updates.js';

/**
 * Wait this long for the stream before the first tile is asked for: one that was asked for earlier has to be asked for
 * again, because a change in between would not be told.
 */
const LISTEN_FIRST = 300;

export class Stage {
  /** null until `open`. */
  cityMap = null;

  #layers = new Map();
  #readiness = null;
  #updates = null;
  #heard = null;
  #listening = new Promise((resolve) => { this.#heard = resolve; });

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {(look: object) => object[]} parts.compose all that deck.gl draws, from below; `look` as parts.js tells it
   * @param {(event: {point: {x: number, y: number}, lngLat: object}) => void} parts.onClick
   * @param {() => void} parts.onMoved the camera stands still at another place
   * @param {object} parts.tree what lies under the city: its sources may fail alone
   */
  constructor({ store, compose, onClick, onMoved, tree }) {
    Object.assign(this, { store, compose, onClick, onMoved, tree });
  }

  /** Resolves when it is time to ask for the first tile. */
  listening() {
    return Promise.race([this.#listening, new Promise((resolve) => { setTimeout(resolve, LISTEN_FIRST); })]);
  }

  /** Take on the deck.gl layers that the server describes. @throws {ApiError} */
  accept(deck) {
    this.#layers = convertScene(deck);
  }

  /** A layer of the scene by its id, or undefined. */
  layer(id) {
    return this.#layers.get(id);
  }

  /** Make the map; the arguments are those of CityMap. */
  open(parts) {
    const cityMap = new CityMap(parts);
    this.cityMap = cityMap;
    this.#readiness = new Readiness({ cityMap, failures: () => this.store.state.tileFailures, foreign: (id) => this.tree().isForeign(id) });
    this.#updates = new TileUpdates({
      sources: () => cityMap.tileSources(),
      onReload: () => this.#readiness.pending(),
      onRetry: () => this.reloadTiles(),
    });
    const { map } = cityMap;
    map.on('error', (event) => this.#mapError(event));
    // Layers begin to load with the base map; deck.gl finds their places below its labels only when that is complete.
    map.once('style.load', () => this.draw());
    map.once('load', () => this.draw());
    map.on('moveend', () => {
      this.store.set('view', { bearing: map.getBearing() });
      this.onMoved();
    });
    map.on('click', (event) => this.onClick(event));
    map.on('webglcontextlost', () => this.store.set('view', { contextLost: true }));
    map.on('webglcontextrestored', () => this.store.set('view', { contextLost: false }));
  }

  draw() {
    const { cityMap } = this;
    const below = cityMap?.below();
    if (!below) return; // the style is still on its way; 'style.load' calls again
    const { state } = this.store;
    cityMap.setLayers(this.compose({
      state,
      style: state.style,
      scale: cityMap.scale,
      metresPerPixel: cityMap.viewport().metersPerPixel,
      below,
    }));
    this.#readiness.pending();
  }

  /** From now on the stream tells every change; what is drawn may have missed some. */
  streamBegins() {
    this.#heard();
    this.reloadTiles();
  }

  /** Ask for every tile in view again: some are missing, or changes were not told. What is drawn stays meanwhile. */
  reloadTiles() {
    this.store.set('view', { tileFailures: 0 });
    this.#updates?.revalidate();
  }

  /** Ask again for the tiles that changes touch, as the stream tells them. */
  tilesChanged(changes) {
    this.#updates?.changed(changes); // without a map no tile is shown
  }

  #mapError({ error, tile, sourceId }) {
    if (this.tree().failed(sourceId, error)) return;
    if (tile || sourceId) this.tileFailed();
    else console.error(error);
  }

  /** A tile did not come: say so, and ask again. */
  tileFailed() {
    this.store.set('view', { tileFailures: this.store.state.tileFailures + 1 });
    this.#updates.failed();
  }
}
