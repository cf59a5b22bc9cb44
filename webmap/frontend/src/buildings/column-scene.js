/** 人数柱: columns of residents over the buildings in view, and the numbers that have room on them. */
import { columnHeight } from './building-form.js';
import { number } from '../format.js';
import { columnLayers } from '../layers/columns.js';
import { columnText, MOST_COLUMNS, placeNumbers, residentsIn } from './resident-columns.js';

const NONE = { columns: [], labelled: [], hidden: 0 };

export class ColumnScene {
  #cityMap = null;
  #tiles = [];
  #buildings = null;
  #shown = NONE;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   */
  constructor({ store }) {
    Object.assign(this, { store });
    store.subscribe(['view', 'scene'], () => this.#look());
  }

  opened(cityMap) {
    this.#cityMap = cityMap;
    cityMap.map.on('moveend', () => this.#look());
  }

  /** Take the tiles in view, once all of them are here. */
  take(tiles) {
    this.#tiles = tiles;
    this.#buildings = null;
    this.#look();
  }

  layers({ style, scale, below }) {
    const { columns, labelled } = this.#shown;
    if (columns.length === 0) return {};
    const { exact } = this.store.state.scene;
    const text = ({ residents }) => columnText(residents, exact, number);
    return { over: columnLayers({ columns, labelled, text, style, scale, beforeId: below.labels }) };
  }

  /** Work out anew what is to be seen; only when that differs is it drawn. */
  #look() {
    const { form, cellSides, layers, scene: { exact }, columns: before } = this.store.state;
    const on = this.#cityMap !== null && form === 'columns' && cellSides === null && layers.buildings;
    if (!on && this.#shown === NONE) return;
    this.#shown = on ? this.#place(exact) : NONE;
    const said = { labelled: this.#shown.labelled.length, hidden: this.#shown.hidden };
    const key = this.#shown.labelled.map(({ id, residents }) => `${id}:${residents}`).join();
    if (before.key === key && before.hidden === said.hidden && before.count === this.#shown.columns.length) return;
    this.store.set('view', { columns: { ...said, key, count: this.#shown.columns.length } });
  }

  #place(exact) {
    this.#buildings ??= residentsIn(this.#tiles);
    const columns = this.#buildings.slice(0, MOST_COLUMNS);
    const viewport = this.#cityMap.viewport();
    const { labelled, hidden } = placeNumbers(columns, {
      project: ({ position, residents }) => viewport.project(this.#cityMap.onGround([...position, columnHeight(residents)])),
      text: ({ residents }) => columnText(residents, exact, number),
      size: viewport,
      scale: this.#cityMap.scale,
    });
    return { columns, labelled, hidden: hidden + this.#buildings.length - columns.length };
  }
}
