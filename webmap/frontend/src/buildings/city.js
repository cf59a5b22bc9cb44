/** 楼栋: what the map shows of the buildings, near and from afar, by a metric; and the card of the one that was clicked. */
import { Card } from './card.js';
import { cellSideAt } from '../map/cell-size.js';
import { ColumnScene } from './column-scene.js';
import { worstByBuilding } from '../layers/alarmed-buildings.js';
import { BUILDING_CELLS, buildingCellsLayer, cellZooms, pickedCell } from '../layers/building-cells.js';
import { BUILDINGS, buildingId, buildingsLayer, hiddenIn } from '../layers/buildings.js';
import { gridsColoured } from '../grids/grid-state.js';
import { countsOf } from './legend-counts.js';
import { legendLines } from './legend-terms.js';
import { tokenColor } from '../map/token-colors.js';

export class City {
  picks = [BUILDINGS, BUILDING_CELLS];

  #cityMap = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {string} parts.url of a building with `{id}`
   * @param {(id: string) => object|undefined} parts.described a layer as the server's scene describes it
   * @param {{onTileError: (error: Error) => void}} parts.told
   * @param {boolean} [parts.plain] frames have to be cheap
   */
  constructor({ store, url, described, told, plain = false }) {
    Object.assign(this, { store, described, plain });
    this.card = new Card({ store, url });
    this.columns = new ColumnScene({ store });
    this.hears = { 'tiles-changed': ({ changes }) => this.card.changed(changes) };
    this.told = {
      ...told,
      onTiles: (tiles) => {
        const hidden = hiddenIn(tiles);
        if (hidden !== store.state.hidden) store.set('hidden', { hidden });
        this.columns.take(tiles);
      },
    };
  }

  restore({ metric, form, building }) {
    if (metric) this.store.state.metric = metric;
    if (form) this.store.state.form = form;
    if (building) this.card.open(building);
  }

  streamBegan() {
    this.card.lookAgain();
  }

  linked() {
    const { metric, form, card } = this.store.state;
    return { metric, form, building: card.id };
  }

  opened(cityMap) {
    this.#cityMap = cityMap;
    this.columns.opened(cityMap);
    cityMap.map.on('moveend', () => this.#lookAround());
    cityMap.map.on('zoom', () => this.#lookAround());
    this.#lookAround();
  }

  layers({ state, below, relief, ...look }) {
    const { metric, form, style, layers: shown, card, cell, exploded } = state;
    const quiet = gridsColoured(state);
    const apart = exploded.status === 'open' ? exploded.contents.code : null;
    const heat = shown.events && ['heat', 'hexagons'].includes(state.eventView.drawn);
    const how = { metric, form, style, visible: shown.buildings, heat };
    const [cells, buildings] = [this.described(BUILDING_CELLS), this.described(BUILDINGS)];
    return {
      standing: [
        // Two scales on one picture are neither: where grids are coloured, buildings are grey and sums of them not drawn.
        ...(cells ? [buildingCellsLayer(cells, { ...how, visible: how.visible && !quiet, chosen: cell?.id ?? null, beforeId: below.lines }, this.told)] : []),
        ...(buildings ? [buildingsLayer(buildings, { ...how, quiet, selected: apart === null ? card.id : null, apart, relief, beforeId: below.labels, plain: this.plain }, this.told)] : []),
      ],
      ...this.columns.layers({ ...look, style, below }),
    };
  }

  /** The legend of what the map shows at this zoom, as the server declares it; undefined before there is a scene. */
  legend() {
    const { scene, cellSides } = this.store.state;
    const shown = cellSides === null ? 'buildings' : 'building_cells';
    return scene.legend.find(({ layer }) => layer === shown);
  }

  legends() {
    const legend = this.legend();
    const { state } = this.store;
    // Beside a building taken apart, and over grids that are coloured, they have stepped back.
    if (!legend || !state.layers.buildings || state.exploded.status === 'open' || gridsColoured(state)) return [];
    return [legendLines(legend, { counts: this.counts(legend), colorOf: (severity) => tokenColor(`severity-${severity}`) })];
  }

  /** How many buildings are in each class of a legend; null where it is not known. */
  counts(legend) {
    const { classCounts, counts: { buildings } } = this.store.state;
    const worst = legend.live ? worstByBuilding(this.store.shownAlarms()) : null;
    return countsOf(legend, { classCounts, worst, buildings });
  }

  /** What the height of a building says: one of FORMS. */
  setForm(form) {
    this.store.set('view', { form });
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
