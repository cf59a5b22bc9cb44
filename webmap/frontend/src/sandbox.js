/** What a person can do on the sandbox page, and what the live stream does to it. */
import { acknowledge } from './acknowledge.js';
import { AlarmScene } from './alarm-scene.js';
import { requestJson } from './api.js';
import { Card } from './card.js';
import { cellSideAt } from './cell-size.js';
import { address } from './config.js';
import { instant } from './format.js';
import { Heat } from './heat.js';
import { language } from './i18n/index.js';
import { AlarmMarks } from './layers/alarms.js';
import { pickedCell } from './layers/building-cells.js';
import { BUILDINGS, buildingId } from './layers/buildings.js';
import { composeLayers, PICKABLE } from './layers/compose.js';
import { HEAT } from './layers/events.js';
import { showGrids } from './layers/grids.js';
import { showPlaces } from './layers/places.js';
import { Look } from './look.js';
import { CityMap } from './map.js';
import { panelPadding } from './panel-padding.js';
import { Readiness } from './readiness.js';
import { convertScene, fetchScene } from './scene.js';
import { TileUpdates } from './tile-updates.js';

/**
 * Wait this long for the stream before the first tile is asked for: one that was asked for earlier has to be asked for
 * again, because a change in between would not be told.
 */
const LISTEN_FIRST = 300;

export class Sandbox {
  #cityMap = null;
  #readiness = null;
  #heard = null;
  #scene = new Map();
  #sceneAbort = null;
  #camera = null;
  #updates = null;
  #listening = new Promise((resolve) => { this.#heard = resolve; });

  constructor({ config, store, url }) {
    Object.assign(this, { config, store, url });
    this.look = new Look({ style: config.style, document });
    store.state.style = config.style;
    this.card = new Card({ store, url: config.urls.building });
    this.heat = new Heat({ store, url: config.urls.events });
    this.alarmScene = new AlarmScene({ store, url: config.urls.footprints, onChange: () => this.#draw() });
    store.subscribe(['view', 'card', 'heat', 'events'], () => this.#draw());
  }

  /** Take over what a link says. */
  restore({ lang, style, metric, window: timeWindow, heat, building, camera }) {
    const { state } = this.store;
    this.look.restore({ lang, style });
    if (metric) state.metric = metric;
    if (timeWindow) state.window = timeWindow;
    if (heat) state.layers.heat = true;
    this.#camera = camera ?? null;
    if (building) this.card.open(building);
    if (heat) this.heat.load();
  }

  urlState() {
    const { metric, window: timeWindow, card, layers } = this.store.state;
    return {
      ...this.look.chosen(), metric, window: timeWindow, building: card.id, heat: layers.heat,
      camera: this.#cityMap?.camera(),
    };
  }

  // --- opening -------------------------------------------------------------------------------------------

  /** Read scene and style, then make the map. A failure is shown with its cure and a button to try again. */
  async openMap() {
    this.#setScene({ status: 'loading', error: null });
    try {
      const [scene, style] = await Promise.all([this.#fetchScene({}), this.#fetchStyle(this.look.style)]);
      await Promise.race([this.#listening, after(LISTEN_FIRST)]);
      this.#acceptScene(scene);
      if (this.#cityMap === null) this.#makeMap(scene, style);
      this.#draw();
      this.#setScene({ status: 'ready' });
    } catch (error) {
      this.#sceneFailed(error);
    }
  }

  /** Without WebGL only the numbers and the alarms are of use. */
  async openWithoutMap() {
    document.documentElement.dataset.scene = 'error';
    try {
      const { counts } = await this.#fetchScene({});
      this.store.applyCounts(counts ?? {});
    } catch (error) {
      this.store.set('scene', { scene: { ...this.store.state.scene, error } });
    }
  }

  #fetchScene({ metric = this.store.state.metric, style = this.look.style, signal }) {
    return fetchScene(this.config.urls.scene, { metric, style }, { signal });
  }

  #fetchStyle(style, signal) {
    return requestJson(address(this.config.urls.style, { style }), { signal });
  }

  #acceptScene(scene) {
    this.#scene = convertScene(scene.deck);
    this.store.applyCounts(scene.counts ?? {});
    this.#setScene({ legend: scene.legend ?? [], bounds: scene.bounds });
  }

  #makeMap(scene, style) {
    const cityMap = new CityMap({
      container: document.getElementById('map'),
      style,
      scene,
      camera: this.#camera,
      lang: language(),
      padding: panelPadding,
      scale: parseFloat(getComputedStyle(document.documentElement).fontSize) / 15,
    });
    this.#cityMap = cityMap;
    this.#readiness = new Readiness({ cityMap, failures: () => this.store.state.tileFailures });
    this.#updates = new TileUpdates({
      sources: () => cityMap.tileSources(),
      onReload: () => this.#readiness.pending(),
      onRetry: () => this.reloadTiles(),
    });
    const { map } = cityMap;
    map.on('error', (event) => this.#mapError(event));
    map.on('load', () => this.#draw());
    map.on('moveend', () => {
      this.store.set('view', { bearing: map.getBearing() });
      this.#lookAround();
      this.url.schedule();
    });
    map.on('zoom', () => this.#lookAround());
    map.on('click', ({ point }) => this.#click(point));
    map.on('webglcontextlost', () => this.store.set('view', { contextLost: true }));
    map.on('webglcontextrestored', () => this.store.set('view', { contextLost: false }));
    this.#lookAround();
    this.alarmScene.open(new AlarmMarks({
      container: document.getElementById('alarm-marks'), cityMap,
      onSelect: (alarm) => this.selectAlarm(alarm), onCluster: (alarms) => this.#zoomInto(alarms),
    }));
    window.shapan = { map, overlay: cityMap.overlay, store: this.store, project: (at) => cityMap.project(at) };
  }

  /** The zoom from which the map shows single buildings. */
  #nearest() {
    return this.#scene.get(BUILDINGS)?.props.minZoom ?? 0;
  }

  /** From afar, cells stand for buildings: say how large one is, and close the card of one of another size. */
  #lookAround() {
    const { latitude, zoom } = this.#cityMap.camera();
    const tileZoom = Math.min(Math.round(zoom), this.#nearest() - 1);
    const cellSide = zoom < this.#nearest() ? cellSideAt(latitude, tileZoom) : null;
    const { state } = this.store;
    if (cellSide !== state.cellSide) this.store.set('view', { cellSide });
    if (state.cell !== null && (cellSide === null || state.cell.tileZoom !== tileZoom)) this.closeCard();
  }

  retryScene() {
    return this.openMap();
  }

  #setScene(changes) {
    this.store.set('scene', { scene: { ...this.store.state.scene, ...changes } });
  }

  #sceneFailed(error) {
    if (error.name === 'AbortError') return;
    if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
    this.#setScene({ status: 'error', error });
    document.documentElement.dataset.scene = 'error';
  }

  // --- drawing -------------------------------------------------------------------------------------------

  #draw() {
    this.url.schedule();
    const cityMap = this.#cityMap;
    const below = cityMap?.below();
    if (!below) return; // the style is still on its way; 'load' calls again
    const { state } = this.store;
    cityMap.setLayers(composeLayers(this.#scene, {
      state,
      alarmed: this.alarmScene.features,
      points: this.heat.points(),
      metresPerPixel: cityMap.viewport().metersPerPixel,
      below,
      told: {
        onTileError: () => this.#tileFailed(),
        onHidden: (hidden) => hidden !== state.hidden && this.store.set('hidden', { hidden }),
      },
    }));
    this.#readiness.pending();
  }

  #mapError({ error, tile, sourceId }) {
    if (tile || sourceId) this.#tileFailed();
    else console.error(error);
  }

  #tileFailed() {
    this.store.set('view', { tileFailures: this.store.state.tileFailures + 1 });
    this.#updates.failed();
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

  // --- actions -------------------------------------------------------------------------------------------

  setMetric(metric) {
    if (metric === this.store.state.metric) return undefined;
    return this.#changeScene(async (signal) => {
      const scene = await this.#fetchScene({ metric, signal });
      this.store.state.metric = metric;
      return scene;
    });
  }

  /** Day or night, of the map and the panels. */
  switchStyle() {
    const style = this.look.otherStyle();
    return this.#changeScene(async (signal) => {
      const [scene, base] = await Promise.all([this.#fetchScene({ style, signal }), this.#fetchStyle(style, signal)]);
      this.look.setStyle(style);
      this.store.state.style = style;
      this.#cityMap.setStyle(base);
      return scene;
    });
  }

  /** Only the newest wish counts: an older request is given up. */
  async #changeScene(fetchIt) {
    this.#sceneAbort?.abort();
    this.#sceneAbort = new AbortController();
    try {
      this.#acceptScene(await fetchIt(this.#sceneAbort.signal));
      this.store.touch('view');
    } catch (error) {
      this.#sceneFailed(error);
    }
  }

  switchLanguage() {
    this.look.switchLanguage();
    this.#cityMap?.setLanguage(language());
    this.store.touch('language');
    this.url.schedule();
  }

  showLayer(name, shown) {
    this.store.set('view', { layers: { ...this.store.state.layers, [name]: shown } });
    if (name === 'grids') showGrids(this.#cityMap, shown);
    if (name === 'labels') showPlaces(this.#cityMap, shown);
    if (name === 'alarms') this.alarmScene.show(shown);
  }

  showHeat(shown) {
    this.showLayer('heat', shown);
    if (shown) this.heat.load();
  }

  setWindow(timeWindow) {
    this.store.set('view', { window: timeWindow });
    this.heat.load();
  }

  /** Colours of the scene's heat layer, from few to many. */
  heatColors() {
    return this.#scene.get(HEAT)?.props.colorRange;
  }

  filterSeverity(severity) {
    this.store.set('view', { severities: severity });
  }

  acknowledge(id) {
    return acknowledge(this.store, `${this.config.urls.alarms}/{id}/acknowledge`, id);
  }

  #click(point) {
    const info = this.#cityMap.pick(point, PICKABLE);
    const cell = pickedCell(info);
    const id = cell === null ? buildingId(info) : null;
    if (cell !== null) this.card.openCell(cell);
    else if (id !== null) this.card.open(id);
    else this.closeCard();
  }

  closeCard() {
    const { card, cell } = this.store.state;
    if (card.status !== 'closed' || cell !== null) this.card.close();
  }

  /** Near enough to see the single buildings of a cell. */
  flyToCell({ longitude, latitude }) {
    this.#cityMap.flyTo({ longitude, latitude }, { zoom: this.#nearest() + 1 });
  }

  retryCard() {
    return this.card.retry();
  }

  selectAlarm(alarm) {
    if (alarm.building_id) this.card.open(alarm.building_id);
  }

  flyToAlarm(alarm) {
    this.selectAlarm(alarm);
    if (!Number.isFinite(alarm.lon)) return;
    this.#cityMap.flyTo({ longitude: alarm.lon, latitude: alarm.lat });
  }

  #zoomInto(alarms) {
    const [longitude, latitude] = ['lon', 'lat'].map(
      (name) => alarms.reduce((sum, alarm) => sum + alarm[name], 0) / alarms.length,
    );
    this.#cityMap.flyTo({ longitude, latitude }, { zoom: this.#cityMap.map.getZoom() + 1.5 });
  }

  zoomBy(steps) {
    this.#cityMap?.zoomBy(steps);
  }

  faceNorth() {
    this.#cityMap?.faceNorth();
  }

  toggleTilt() {
    this.#cityMap?.toggleTilt();
  }

  goHome() {
    this.#cityMap?.goHome();
  }

  // --- the live stream -----------------------------------------------------------------------------------

  receive(name, data) {
    if (name === 'snapshot') this.store.applySnapshot(data);
    else if (name === 'alarm') this.store.applyAlarm(data);
    else if (name === 'event') this.store.applyEvent(data);
    else if (name === 'counts') this.store.applyCounts(data);
    else if (name === 'tiles-changed') this.#updates?.changed(data.changes);
  }

  setServerTime(time) {
    const server = instant(time);
    if (Number.isFinite(server)) this.store.state.serverOffset = server - Date.now();
  }
}

const after = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
