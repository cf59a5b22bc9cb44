/** What a person can do on the sandbox page, and what the live stream does to it. */
import { AlarmDesk } from './alarm-desk.js';
import { AlarmScene } from './alarm-scene.js';
import { requestJson } from './api.js';
import { Card } from './card.js';
import { address } from './config.js';
import { hear } from './hearing.js';
import { Heat } from './heat.js';
import { language } from './i18n/index.js';
import { AlarmMarks } from './layers/alarms.js';
import { pickedCell } from './layers/building-cells.js';
import { buildingId } from './layers/buildings.js';
import { HEAT } from './layers/events.js';
import { showGrids } from './layers/grids.js';
import { showPlaces } from './layers/places.js';
import { Look } from './look.js';
import { panelPadding } from './panel-padding.js';
import { SceneWish } from './scene-wish.js';
import { fetchScene } from './scene.js';
import { Sought } from './sought.js';
import { Stage } from './stage.js';
import { WarningDesk } from './warning-desk.js';
import { WarningScene } from './warning-scene.js';
import { boundsOf, boundsWithin } from './warning-terms.js';

export class Sandbox {
  #wish = new SceneWish((wish, signal) => this.#read(wish, signal));
  #camera = null;

  constructor({ config, store, url }) {
    Object.assign(this, { config, store, url });
    this.look = new Look({ style: config.style, document });
    store.state.style = config.style;
    this.card = new Card({ store, url: config.urls.building });
    this.desk = new AlarmDesk({
      store, url: config.urls.alarms, snapshot: config.urls.snapshot, account: config.account, mayHandle: config.mayHandle,
    });
    this.warnings = new WarningDesk({ store, url: config.urls.warnings });
    this.heat = new Heat({ store, url: config.urls.events });
    this.alarmScene = new AlarmScene({ store, url: config.urls.footprints, onChange: () => this.#draw() });
    this.warningScene = new WarningScene({ store, onChange: () => this.#draw() });
    this.stage = new Stage({
      store,
      points: () => this.heat.points(),
      alarmed: () => this.alarmScene.features,
      warned: () => this.warningScene.features,
      onClick: (point) => this.#click(point),
      onMoved: () => url.schedule(),
      onOtherCells: () => this.card.close(),
    });
    store.subscribe(['view', 'card', 'heat', 'events'], () => this.#draw());
    store.subscribe(['dossier', 'warning'], () => url.schedule());
    this.sought = new Sought({
      store,
      ready: () => this.#map !== null,
      go: { dossier: (alarm) => this.flyToAlarm(alarm), warning: ({ geometry }) => this.#flyToArea(geometry) },
    });
  }

  /** Take over what a link says. */
  restore({ lang, style, metric, window: timeWindow, heat, building, alarm, warning, camera }) {
    const { state } = this.store;
    this.look.restore({ lang, style });
    if (metric) state.metric = metric;
    if (timeWindow) state.window = timeWindow;
    if (heat) state.layers.heat = true;
    this.#camera = camera ?? null;
    if (building) this.card.open(building);
    if (alarm) this.desk.open(alarm);
    else if (warning) this.warnings.open(warning);
    if (!camera && (alarm || warning)) this.sought.seek(alarm ? 'dossier' : 'warning', alarm ?? warning);
    if (heat) this.heat.load();
  }

  urlState() {
    const { metric, window: timeWindow, card, dossier, warning, layers } = this.store.state;
    return {
      ...this.look.chosen(), metric, window: timeWindow, building: card.id, alarm: dossier.id, warning: warning.id,
      heat: layers.heat, camera: this.#map?.camera() ?? this.#camera,
    };
  }

  // --- opening -------------------------------------------------------------------------------------------

  /** Read scene and style, then make the map. A failure is shown with its cure and a button to try again. */
  openMap() {
    return this.#show({ metric: this.store.state.metric, style: this.look.style });
  }

  /** Without WebGL only the numbers and the alarms are of use. */
  async openWithoutMap() {
    document.documentElement.dataset.scene = 'error';
    try {
      const { counts } = await this.#fetchScene({ metric: this.store.state.metric, style: this.look.style });
      this.store.applyCounts(counts ?? {});
    } catch (error) {
      this.store.set('scene', { scene: { ...this.store.state.scene, error } });
    }
  }

  /** Edit what is wished for and show it, on the map that there is or on a new one. */
  async #show(changes) {
    if (this.store.state.scene.status !== 'ready') this.#setScene({ status: 'loading', error: null });
    try {
      const found = await this.#wish.ask(changes);
      if (found === null) return;
      this.#accept(found);
      this.#setScene({ status: 'ready' });
      this.store.touch('view');
    } catch (error) {
      this.#sceneFailed(error);
    }
  }

  /** All that a wish needs, read at once: page and map change together or not at all. */
  async #read(wish, signal) {
    const [scene, base] = await Promise.all([
      this.#fetchScene(wish, signal),
      this.#map === null || wish.style !== this.look.style
        ? requestJson(address(this.config.urls.style, { style: wish.style }), { signal }) : null,
    ]);
    if (this.#map === null) await this.stage.listening();
    return { scene, base };
  }

  #fetchScene({ metric, style }, signal) {
    return fetchScene(this.config.urls.scene, { metric, style }, { signal });
  }

  #accept({ wish: { metric, style }, answer: { scene, base } }) {
    this.stage.accept(scene.deck);
    this.store.applyCounts(scene.counts ?? {});
    this.#setScene({ legend: scene.legend ?? [], bounds: scene.bounds });
    this.store.state.metric = metric;
    if (style !== this.look.style) {
      this.look.setStyle(style);
      this.store.state.style = style;
      this.#map?.setStyle(base);
    }
    if (this.#map === null) this.#makeMap(scene, base);
  }

  get #map() {
    return this.stage.cityMap;
  }

  #makeMap(scene, style) {
    this.stage.open({
      container: document.getElementById('map'),
      style,
      scene,
      camera: this.#camera,
      lang: language(),
      padding: panelPadding,
      scale: parseFloat(getComputedStyle(document.documentElement).fontSize) / 15,
    });
    const cityMap = this.#map;
    this.alarmScene.open(new AlarmMarks({
      container: document.getElementById('alarm-marks'), cityMap,
      onSelect: (alarm) => this.selectAlarm(alarm), onCluster: (alarms) => cityMap.zoomInto(alarms),
    }));
    const { map, overlay } = cityMap;
    window.shapan = { map, overlay, store: this.store, project: (at) => cityMap.project(at) };
  }

  /** Once more what was wished for last. */
  retryScene() {
    return this.#show({});
  }

  #setScene(changes) {
    this.store.set('scene', { scene: { ...this.store.state.scene, ...changes } });
  }

  #sceneFailed(error) {
    if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
    this.#setScene({ status: 'error', error });
    document.documentElement.dataset.scene = 'error';
  }

  #draw() {
    this.url.schedule();
    this.stage.draw();
  }

  // --- actions -------------------------------------------------------------------------------------------

  setMetric(metric) {
    return this.#wishFor({ metric });
  }

  /** The style that the button for day and night gives. */
  otherStyle() {
    return this.look.otherStyle();
  }

  /** Day or night, of the map and the panels. */
  switchStyle() {
    return this.#wishFor({ style: this.otherStyle() });
  }

  /** What is wished for already is here or on its way, unless it failed. */
  #wishFor(changes) {
    return this.#wish.holds(changes) && this.store.state.scene.status !== 'error' ? undefined : this.#show(changes);
  }

  switchLanguage() {
    this.look.switchLanguage();
    this.#map?.setLanguage(language());
    this.store.touch('language');
    this.url.schedule();
  }

  showLayer(name, shown) {
    this.store.set('view', { layers: { ...this.store.state.layers, [name]: shown } });
    if (name === 'grids') showGrids(this.#map, shown);
    if (name === 'labels') showPlaces(this.#map, shown);
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
    return this.stage.layer(HEAT)?.props.colorRange;
  }

  #click(point) {
    const info = this.stage.pick(point);
    const cell = pickedCell(info);
    const id = cell === null ? buildingId(info) : null;
    this.closeCard();
    if (cell !== null) this.card.openCell(cell);
    else if (id !== null) this.card.open(id);
  }

  closeCard() {
    const { card, cell } = this.store.state;
    this.desk.dossier.close();
    this.warnings.close();
    if (card.status !== 'closed' || cell !== null) this.card.close();
  }

  /** Near enough to see the single buildings of a cell. */
  flyToCell({ longitude, latitude }) {
    this.#map.flyTo({ longitude, latitude }, { zoom: this.stage.nearest() + 1 });
  }

  /** Its dossier, and behind it the card of its building. */
  selectAlarm(alarm) {
    this.warnings.close();
    this.desk.open(alarm.id);
    if (!alarm.building_id) this.card.close();
    else if (this.store.state.card.id !== alarm.building_id) this.card.open(alarm.building_id);
  }

  flyToAlarm(alarm) {
    this.selectAlarm(alarm);
    if (!Number.isFinite(alarm.lon)) return;
    this.#fly((map) => map.flyTo({ longitude: alarm.lon, latitude: alarm.lat }));
  }

  /** Its details, and where it is. */
  openWarning({ id, geometry }) {
    this.desk.dossier.close();
    this.card.close();
    this.warnings.open(id);
    this.#flyToArea(geometry);
  }

  #flyToArea(geometry) {
    const bounds = boundsOf(geometry);
    if (bounds !== null) this.#fly((map) => map.flyToBounds(boundsWithin(bounds, this.store.state.scene.bounds)));
  }

  /** Move the map once the card is there: the frame after next has it, and the place is to stand in the free part. */
  #fly(move) {
    requestAnimationFrame(() => requestAnimationFrame(() => this.#map && move(this.#map)));
  }

  /** Move the camera, once there is a map: zoomBy, faceNorth, toggleTilt, goHome. */
  moveMap(how, ...values) {
    this.#map?.[how](...values);
  }

  // --- the live stream -----------------------------------------------------------------------------------

  receive(name, data) {
    hear[name]?.(this, data);
  }
}
