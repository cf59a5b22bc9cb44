/** 网格着色: by which figure grids are coloured, the numbers on them, and what lies under the pointer. */
import { requestJson } from '../api.js';
import { number } from '../format.js';
import { legendLines } from '../buildings/legend-terms.js';
import { t } from '../i18n/index.js';
import { FIGURES, valueText } from './grid-figures.js';
import { gridsColoured } from './grid-state.js';
import { Hover } from '../map/hover.js';
import { COMMUNITY_FIGURES, GRID_FIGURES, gridAreasLayer, pickedCode } from '../layers/grid-areas.js';
import { gridValuesLayer, VALUE, valueSize } from '../layers/grid-values.js';
import { showNamesUnderFigures } from '../layers/places.js';
import { convertScene } from '../map/scene.js';
import { fitting } from '../map/value-layout.js';

/** What is on record changes without a word of the stream: it is read again after so long. */
export const READ_AGAIN = 300_000;

/** Grids were drawn anew: many changes come at once. */
const SETTLED = 2000;

export class GridMap {
  picks = [GRID_FIGURES, COMMUNITY_FIGURES];

  #abort = null;
  #cityMap = null;
  #layers = new Map();
  #drawnStyle = null;
  #readAt = -Infinity;
  #timer = null;
  #values = [];
  #written = false;
  #hover = new Hover({
    find: (point) => this.#under(point),
    onFound: (code, point) => this.store.set('hover', { hover: code === null ? null : { code, ...point } }),
  });

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {{grids: string, gridScene: string}} parts.urls
   * @param {import('./grid-figures.js').GridFigures} parts.figures shared with the card
   * @param {{onTileError: (error: Error) => void}} parts.told
   * @param {(code: string) => void} parts.onGrid somebody clicked on a grid
   * @param {(bounds: number[]) => void} parts.onCommunity somebody clicked on a community, from afar
   */
  constructor({ store, urls, figures, told, onGrid, onCommunity }) {
    Object.assign(this, { store, urls, figures, told, onGrid, onCommunity });
    this.hears = {
      snapshot: ({ kpi }) => {
        figures.takeSnapshot(kpi);
        if (this.#seen) store.touch('grids');
      },
      kpi: (counts) => this.#take(counts),
      'tiles-changed': ({ changes }) => changes.some(({ layer }) => layer === 'grids') && this.#readSoon(SETTLED),
    };
    store.subscribe(['view'], () => this.#restyle());
    store.subscribe(['grids'], () => this.#layOut());
    store.subscribe(['grids', 'past'], () => this.#giveWay());
  }

  restore({ choropleth, entry }) {
    if (entry) this.#set({ kind: entry });
    if (choropleth) this.show(choropleth);
  }

  linked() {
    const { figure, kind } = this.#state;
    return { choropleth: figure, entry: figure === 'entry_rate' ? kind : undefined };
  }

  get #state() {
    return this.store.state.choropleth;
  }

  #set(changes) {
    this.store.set('grids', { choropleth: { ...this.#state, ...changes } });
  }

  /** Is anything of the figures on the screen? */
  get #seen() {
    return this.#state.figure !== 'none' || this.store.state.grid.status !== 'closed';
  }

  /** Counts of a grid that are not looked at, such as its late devices, change all the time and no picture. */
  #take({ code, counts, entered }) {
    const { figure, kind } = this.#state;
    const { grid, hover } = this.store.state;
    const before = this.figures.value(code, figure, kind);
    this.figures.take({ code, counts, entered });
    const looked = code === grid.code || code === hover?.code || this.figures.place(code) === null;
    if (this.#seen && (looked || this.figures.value(code, figure, kind) !== before)) this.store.touch('grids');
  }

  /** Is the map coloured now? */
  get on() {
    return this.#state.figure !== 'none' && this.#layers.size > 0;
  }

  // --- what is chosen --------------------------------------------------------------------------------------

  /** Colour by a figure, one of FIGURES. */
  show(figure) {
    if (!FIGURES.includes(figure) || figure === this.#state.figure) return undefined;
    this.#set({ figure });
    this.#hover.end();
    return this.#read();
  }

  setKind(kind) {
    this.#set({ kind });
  }

  /** List all grids, or the first ones. */
  toggleAll() {
    this.#set({ all: !this.#state.all });
  }

  retry() {
    return this.#read();
  }

  /** The stream begins: what is on record may be other things by now. */
  streamBegan() {
    if (this.#readAt > -Infinity) this.#readSoon(0);
  }

  #restyle() {
    if (this.#state.figure !== 'none' && this.store.state.style !== this.#drawnStyle && this.#state.status === 'ready') this.#read();
  }

  #readSoon(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#readAt = -Infinity;
      if (this.#state.figure !== 'none') this.#read();
    }, delay);
    this.#timer.unref?.(); // Node's tests end without it
  }

  /** Read how to colour and, where that is old, what is on record. Only the newest request counts. */
  async #read() {
    this.#abort?.abort();
    const { figure } = this.#state;
    if (figure === 'none') {
      this.#layers = new Map();
      this.#set({ status: 'off', error: null });
      return;
    }
    const { signal } = this.#abort = new AbortController();
    const { style } = this.store.state;
    if (this.#state.status !== 'ready') this.#set({ status: 'loading', error: null });
    try {
      const [scene] = await Promise.all([
        requestJson(`${this.urls.gridScene}?${new URLSearchParams({ figure, style })}`, { signal }),
        this.#readPlaces(signal),
      ]);
      if (signal.aborted) return;
      this.#layers = convertScene(scene.deck);
      this.#drawnStyle = style;
      this.#set({ status: 'ready', error: null, legends: scene.legend, near: this.#isNear() });
    } catch (error) {
      if (signal.aborted) return;
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      this.#set({ status: 'failed', error });
    }
  }

  async #readPlaces(signal) {
    if (performance.now() - this.#readAt < READ_AGAIN) return;
    const answers = await Promise.all(['community', 'grid'].map(
      (level) => requestJson(`${this.urls.grids}?${new URLSearchParams({ level })}`, { signal }),
    ));
    if (signal.aborted) return;
    answers.forEach((answer) => this.figures.takePlaces(answer));
    this.#readAt = performance.now();
    this.#readSoon(READ_AGAIN);
  }

  // --- the map ---------------------------------------------------------------------------------------------

  opened(cityMap) {
    this.#cityMap = cityMap;
    cityMap.map.on('move', () => this.#lookAround());
    cityMap.map.on('moveend', () => this.#layOut());
    cityMap.map.on('movestart', () => this.#hover.end());
    this.#hover.follow(cityMap.map.getCanvasContainer());
    this.#lookAround();
    this.#layOut();
    this.#giveWay();
  }

  /** A number is written where the name of its place is: of the two the number was asked for. */
  #giveWay() {
    const written = gridsColoured(this.store.state);
    if (written === this.#written || this.#cityMap === null) return;
    this.#written = written;
    showNamesUnderFigures(this.#cityMap, !written);
  }

  #isNear() {
    const from = this.#layers.get(GRID_FIGURES)?.props.visibleMinZoom ?? 0;
    return this.#cityMap === null || this.#cityMap.camera().zoom >= from;
  }

  #lookAround() {
    const near = this.#isNear();
    if (near !== this.#state.near) this.#set({ near });
  }

  layers({ state, style, scale, below }) {
    if (!this.on || !gridsColoured(state)) return {}; // figures are those of now
    const { figure, kind } = this.#state;
    const { figures } = this;
    const look = {
      figure, style, scale, value: (code) => figures.value(code, figure, kind), version: `${figure} ${kind} ${figures.version}`,
      beforeId: below.lines,
    };
    return {
      ground: [...this.#layers.values()].map((layer) => gridAreasLayer(layer, look, this.told)),
      marked: [gridValuesLayer(this.#values, { scale, style })],
    };
  }

  /** The legend of the places that this zoom shows; undefined until the one of the chosen figure is here. */
  legend() {
    const { legends, near, figure } = this.#state;
    return legends.find(({ layer, metric }) => layer === (near ? 'grids' : 'communities') && metric === figure);
  }

  /** How many places are in each class of a legend. */
  counts(legend) {
    const { near, figure, kind } = this.#state;
    return this.figures.counted(near ? 'grid' : 'community', figure, kind, legend);
  }

  legends() {
    const legend = this.on && gridsColoured(this.store.state) ? this.legend() : undefined;
    return legend ? [legendLines(legend, { counts: this.counts(legend), none: t('grids.unknown.total') })] : [];
  }

  /** Which numbers fit, those first that need somebody. */
  #layOut() {
    if (!this.on || this.#cityMap === null) return;
    const { figure, kind, near } = this.#state;
    const viewport = this.#cityMap.viewport();
    const { scale } = this.#cityMap;
    const low = figure === 'entry_rate' ? 1 : -1;
    const boxes = this.figures.places(near ? 'grid' : 'community').map(({ code, lon, lat }) => {
      const value = this.figures.value(code, figure, kind);
      const text = valueText(figure, value, number);
      const [x, y] = viewport.project(this.#cityMap.onGround([lon, lat]));
      return { code, lon, lat, text, x, y, urgency: value === null ? Infinity : low * value, ...valueSize(text, scale) };
    }).sort((one, other) => one.urgency - other.urgency);
    const values = fitting(boxes, viewport, VALUE.gap * scale);
    const seen = (list) => list.map(({ code, text }) => `${code}${text}`).join();
    if (seen(values) === seen(this.#values)) return;
    this.#values = values;
    this.store.touch('values');
  }

  #under(point) {
    return this.on ? pickedCode(this.#cityMap.pick(point, this.picks)) : null;
  }

  clicked(info) {
    const code = pickedCode(info);
    const place = code && this.figures.place(code);
    if (place?.level === 'community') this.onCommunity(place.bounds);
    else if (code) this.onGrid(code);
  }

  close() {
    this.#hover.end();
  }
}
