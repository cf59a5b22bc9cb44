/** The map with the scene on it: what is drawn, how fresh its tiles are, and when the picture is complete. */
import { cellSideAt } from './cell-size.js';
import { cellZooms } from './layers/building-cells.js';
import { BUILDINGS } from './layers/buildings.js';
import { composeLayers, PICKABLE } from './layers/compose.js';
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
   * @param {import('./store.js').Store} parts.store
   * @param {() => object|null} parts.points columns of the event heat
   * @param {() => object[]} parts.alarmed buildings of open alarms
   * @param {() => object[]} parts.warned areas of the warnings in force
   * @param {(point: {x: number, y: number}) => void} parts.onClick
   * @param {() => void} parts.onMoved the camera stands still at another place
   * @param {() => void} parts.onOtherCells what is picked of the cells on the map is no longer on it
   */
  constructor({ store, points, alarmed, warned, onClick, onMoved, onOtherCells }) {
    Object.assign(this, { store, points, alarmed, warned, onClick, onMoved, onOtherCells });
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
    this.#readiness = new Readiness({ cityMap, failures: () => this.store.state.tileFailures });
    this.#updates = new TileUpdates({
      sources: () => cityMap.tileSources(),
      onReload: () => this.#readiness.pending(),
      onRetry: () => this.reloadTiles(),
    });
    const { map } = cityMap;
    map.on('error', (event) => this.#mapError(event));
    map.on('load', () => this.draw());
    map.on('moveend', () => {
      this.store.set('view', { bearing: map.getBearing() });
      this.#lookAround();
      this.onMoved();
    });
    map.on('zoom', () => this.#lookAround());
    map.on('click', ({ point }) => this.onClick(point));
    map.on('webglcontextlost', () => this.store.set('view', { contextLost: true }));
    map.on('webglcontextrestored', () => this.store.set('view', { contextLost: false }));
    this.#lookAround();
  }

  draw() {
    const { cityMap } = this;
    const below = cityMap?.below();
    if (!below) return; // the style is still on its way; 'load' calls again
    const { state } = this.store;
    cityMap.setLayers(composeLayers(this.#layers, {
      state,
      alarmed: this.alarmed(),
      warned: this.warned(),
      scale: cityMap.scale,
      points: this.points(),
      metresPerPixel: cityMap.viewport().metersPerPixel,
      below,
      told: {
        onTileError: () => this.#tileFailed(),
        onHidden: (hidden) => hidden !== state.hidden && this.store.set('hidden', { hidden }),
      },
    }));
    this.#readiness.pending();
  }

  /** What of buildings and cells lies at a point of the screen; null for nothing. */
  pick(point) {
    return this.cityMap.pick(point, PICKABLE);
  }

  /** The zoom from which the map shows single buildings. */
  nearest() {
    return this.#layers.get(BUILDINGS)?.props.minZoom ?? 0;
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

  /** From afar, cells stand for buildings: say how large they are, and when cells of other sizes have taken their place. */
  #lookAround() {
    const { cityMap, store: { state } } = this;
    const { latitude, zoom } = cityMap.camera();
    const zooms = zoom < this.nearest() ? cellZooms(cityMap.viewport(), this.nearest() - 1) : [];
    const sides = zooms.map((z) => cellSideAt(latitude, z));
    const cellSides = sides.length > 0 ? [sides[0], sides.at(-1)] : null;
    if (String(cellSides) !== String(state.cellSides)) this.store.set('view', { cellSides });
    if (state.cell !== null && !zooms.includes(state.cell.tileZoom)) this.onOtherCells();
  }

  #mapError({ error, tile, sourceId }) {
    if (tile || sourceId) this.#tileFailed();
    else console.error(error);
  }

  #tileFailed() {
    this.store.set('view', { tileFailures: this.store.state.tileFailures + 1 });
    this.#updates.failed();
  }
}
