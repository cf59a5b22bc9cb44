/** 楼栋: what the map shows of the buildings, near and from afar, by a metric; and the card of the one that was clicked. */
import { Card } from './card.js';
import { cellSideAt } from './cell-size.js';
import { BUILDING_CELLS, buildingCellsLayer, cellZooms, pickedCell } from './layers/building-cells.js';
import { BUILDINGS, buildingId, buildingsLayer } from './layers/buildings.js';

export class City {
  picks = [BUILDINGS, BUILDING_CELLS];

  #cityMap = null;

  /**
   * @param {object} parts
   * @param {import('./store.js').Store} parts.store
   * @param {string} parts.url of a building with `{id}`
   * @param {(id: string) => object|undefined} parts.described a layer as the server's scene describes it
   * @param {{onTileError: (error: Error) => void}} parts.told
   */
  constructor({ store, url, described, told }) {
    Object.assign(this, { store, described });
    this.card = new Card({ store, url });
    this.told = {
      ...told,
      onHidden: (hidden) => hidden !== store.state.hidden && store.set('hidden', { hidden }),
    };
  }

  restore({ metric, building }) {
    if (metric) this.store.state.metric = metric;
    if (building) this.card.open(building);
  }

  linked() {
    const { metric, card } = this.store.state;
    return { metric, building: card.id };
  }

  opened(cityMap) {
    this.#cityMap = cityMap;
    cityMap.map.on('moveend', () => this.#lookAround());
    cityMap.map.on('zoom', () => this.#lookAround());
    this.#lookAround();
  }

  layers({ state, below }) {
    const { metric, style, layers: shown, card, cell, choropleth } = state;
    const look = { metric, style, visible: shown.buildings, heat: shown.heat };
    const [cells, buildings] = [this.described(BUILDING_CELLS), this.described(BUILDINGS)];
    return {
      standing: [
        // Two things coloured on one ground are neither: where grids are, sums of buildings are not.
        ...(cells ? [buildingCellsLayer(cells, { ...look, visible: look.visible && choropleth.figure === 'none', chosen: cell?.id ?? null, beforeId: below.lines }, this.told)] : []),
        ...(buildings ? [buildingsLayer(buildings, { ...look, selected: card.id, beforeId: below.labels }, this.told)] : []),
      ],
    };
  }

  clicked(info) {
    const cell = pickedCell(info);
    const id = cell === null ? buildingId(info) : null;
    if (cell !== null) this.card.openCell(cell);
    else if (id !== null) this.card.open(id);
  }

  close() {
    const { card, cell } = this.store.state;
    if (card.status !== 'closed' || cell !== null) this.card.close();
  }

  /** Near enough to see the single buildings of a cell. */
  flyToCell({ longitude, latitude }) {
    this.#cityMap.flyTo({ longitude, latitude }, { zoom: this.#nearest() + 1 });
  }

  /** The zoom from which the map shows single buildings. */
  #nearest() {
    return this.described(BUILDINGS)?.props.minZoom ?? 0;
  }

  /** From afar, cells stand for buildings: say how large they are, and when cells of other sizes have taken their place. */
  #lookAround() {
    const { state } = this.store;
    const { latitude, zoom } = this.#cityMap.camera();
    const zooms = zoom < this.#nearest() ? cellZooms(this.#cityMap.viewport(), this.#nearest() - 1) : [];
    const sides = zooms.map((z) => cellSideAt(latitude, z));
    const cellSides = sides.length > 0 ? [sides[0], sides.at(-1)] : null;
    if (String(cellSides) !== String(state.cellSides)) this.store.set('view', { cellSides });
    if (state.cell !== null && !zooms.includes(state.cell.tileZoom)) this.card.close();
  }
}
