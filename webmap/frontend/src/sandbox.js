/** The sandbox page: its parts, and what a person does that concerns more than one of them. */
import { AlarmDesk } from './alarm-desk.js';
import { AlarmScene } from './alarm-scene.js';
import { City } from './city.js';
import { GridDesk } from './grid-desk.js';
import { GridFigures } from './grid-figures.js';
import { GridMap } from './grid-map.js';
import { Heat } from './heat.js';
import { language } from './i18n/index.js';
import { KeeperMap } from './keeper-map.js';
import { showGrids } from './layers/grids.js';
import { showPlaces } from './layers/places.js';
import { LiveState } from './live-state.js';
import { Look } from './look.js';
import { Parts } from './parts.js';
import { SceneView } from './scene-view.js';
import { Sought } from './sought.js';
import { Stage } from './stage.js';
import { WarningDesk } from './warning-desk.js';
import { WarningScene } from './warning-scene.js';
import { boundsOf, boundsWithin } from './warning-terms.js';

export class Sandbox {
  #camera = null;

  constructor({ config, store, url }) {
    Object.assign(this, { config, store, url });
    this.look = new Look({ store, style: config.style, document, storage: () => localStorage });
    this.stage = new Stage({
      store,
      compose: (look) => this.parts.layers(look),
      onClick: (point) => this.#click(point),
      onMoved: () => url.schedule(),
    });
    this.view = new SceneView({
      store, urls: config.urls, look: this.look, stage: this.stage, camera: () => this.#camera,
      onOpened: (cityMap) => this.#opened(cityMap),
    });
    this.parts = new Parts(this.#makeParts());
    store.subscribe(['view', 'card', 'heat', 'events', 'grids', 'values', 'keepers'], () => this.draw());
    store.subscribe(['dossier', 'warning', 'grids'], () => url.schedule());
    this.sought = new Sought({
      store,
      ready: () => this.stage.cityMap !== null,
      go: {
        dossier: ({ alarm }) => this.flyToAlarm(alarm),
        warning: ({ warning: { geometry } }) => this.#flyToArea(geometry),
        grid: ({ place }) => this.#flyToBounds(place.bounds),
      },
    });
  }

  #makeParts() {
    const { store, config: { urls, account, mayHandle } } = this;
    const described = (id) => this.stage.layer(id);
    const onChange = () => this.draw();
    this.city = new City({
      store, url: urls.building, described, told: { onTileError: () => this.stage.tileFailed() },
    });
    this.desk = new AlarmDesk({ store, url: urls.alarms, snapshot: urls.snapshot, account, mayHandle });
    this.warnings = new WarningDesk({ store, url: urls.warnings });
    this.heat = new Heat({ store, url: urls.events, described });
    this.alarmScene = new AlarmScene({
      store, url: urls.footprints, onChange,
      onSelect: (alarm) => this.selectAlarm(alarm), onBuilding: (id) => this.city.card.open(id),
    });
    const warningScene = new WarningScene({ store, onChange });
    const figures = new GridFigures();
    this.grids = new GridDesk({ store, urls, figures });
    this.gridMap = new GridMap({
      store, urls, figures, told: { onTileError: () => this.stage.tileFailed() },
      onGrid: (code) => this.grids.open(code), onCommunity: (bounds) => this.#flyToBounds(bounds),
    });
    this.keepers = new KeeperMap({ store, urls });
    // In the order in which a click looks for what it has met, and things of one plane are drawn.
    return [
      new LiveState({ store }), this.keepers, this.alarmScene, this.city, this.desk, this.warnings, this.grids, this.gridMap, warningScene,
      this.heat,
    ];
  }

  /** Take over what a link says. */
  restore(link) {
    const { lang, style, alarm, warning, grid, camera } = link;
    this.look.restore({ lang, style });
    this.#camera = camera ?? null;
    this.parts.tell('restore', link);
    const [kind, id] = [['dossier', alarm], ['warning', warning], ['grid', grid]].find(([, named]) => named) ?? [];
    if (!camera && id) this.sought.seek(kind, id);
  }

  urlState() {
    return { ...this.look.chosen(), ...this.parts.linked(), camera: this.stage.cityMap?.camera() ?? this.#camera };
  }

  #opened(cityMap) {
    this.parts.tell('opened', cityMap);
    const { map, overlay } = cityMap;
    window.shapan = { map, overlay, store: this.store, project: (at) => cityMap.project(at) };
  }

  /** Draw what differs, and write it into the link. */
  draw() {
    this.url.schedule();
    this.stage.draw();
  }

  // --- the look --------------------------------------------------------------------------------------------

  setMetric(metric) {
    return this.view.change({ metric });
  }

  /** The style that the button for day and night gives. */
  otherStyle() {
    return this.look.otherStyle();
  }

  /** Day or night, of the map and the panels. */
  switchStyle() {
    return this.view.change({ style: this.otherStyle() });
  }

  switchLanguage() {
    this.look.switchLanguage();
    this.stage.cityMap?.setLanguage(language());
    this.store.touch('language');
    this.url.schedule();
  }

  showLayer(name, shown) {
    this.store.set('view', { layers: { ...this.store.state.layers, [name]: shown } });
    if (name === 'grids') showGrids(this.stage.cityMap, shown);
    if (name === 'labels') showPlaces(this.stage.cityMap, shown);
    if (name === 'alarms') this.alarmScene.show(shown);
    if (name === 'keepers') this.keepers.show(shown);
  }

  // --- opening and closing -----------------------------------------------------------------------------------

  #click(point) {
    const info = this.stage.cityMap.pick(point, this.parts.picks());
    this.closeCard();
    this.parts.ofPick(info)?.clicked(info);
  }

  /** Close all that stands open beside the map. */
  closeCard() {
    this.parts.tell('close');
  }

  /** Its dossier, and behind it the card of its building. */
  selectAlarm(alarm) {
    this.parts.tellOthers([this.desk, this.city], 'close');
    this.desk.open(alarm.id);
    if (!alarm.building_id) this.city.close();
    else if (this.store.state.card.id !== alarm.building_id) this.city.card.open(alarm.building_id);
  }

  flyToAlarm(alarm) {
    this.selectAlarm(alarm);
    if (!Number.isFinite(alarm.lon)) return;
    this.#fly((map) => map.flyTo({ longitude: alarm.lon, latitude: alarm.lat }));
  }

  /** Its details, and where it is. */
  openWarning({ id, geometry }) {
    this.parts.tellOthers([this.warnings], 'close');
    this.warnings.open(id);
    this.#flyToArea(geometry);
  }

  #flyToArea(geometry) {
    const bounds = boundsOf(geometry);
    if (bounds !== null) this.#flyToBounds(boundsWithin(bounds, this.store.state.scene.bounds));
  }

  #flyToBounds(bounds) {
    this.#fly((map) => map.flyToBounds(bounds));
  }

  /** The card of a grid, and where it is. */
  openGrid(code) {
    this.parts.tellOthers([this.grids], 'close');
    this.grids.open(code);
    const place = this.gridMap.figures.place(code);
    if (place) this.#flyToBounds(place.bounds);
  }

  /** The card of a keeper, and where they are. */
  openKeeper(code) {
    this.parts.tellOthers([this.keepers], 'close');
    this.keepers.open(code);
    const { lon: longitude, lat: latitude } = this.keepers.known(code);
    if (Number.isFinite(longitude)) this.#fly((map) => map.flyTo({ longitude, latitude }));
  }

  /** A building of the open grid, whose card stays behind it. */
  async openBuildingOfGrid(id) {
    this.grids.showTab('building');
    await this.city.card.open(id);
    const { building, id: open } = this.store.state.card;
    if (open !== id || !building) return;
    const [longitude, latitude] = building.centre;
    this.#fly((map) => map.flyTo({ longitude, latitude }));
  }

  /** Back from a building to its grid. */
  backToGrid() {
    this.city.close();
    this.grids.showTab('grid');
  }

  /** Move the map once the card is there: the frame after next has it, and the place is to stand in the free part. */
  #fly(move) {
    requestAnimationFrame(() => requestAnimationFrame(() => this.stage.cityMap && move(this.stage.cityMap)));
  }

  /** Move the camera, once there is a map: zoomBy, faceNorth, toggleTilt, goHome. */
  moveMap(how, ...values) {
    this.stage.cityMap?.[how](...values);
  }

  /** Escape: put away what is being written, or close what is open. */
  escape() {
    if (!this.parts.putAway()) this.closeCard();
  }

  // --- the live stream -----------------------------------------------------------------------------------

  receive(name, data) {
    if (name === 'tiles-changed') this.stage.tilesChanged(data.changes);
    this.parts.receive(name, data);
  }

  /** A stream begins; what changed while there was none was not told. */
  streamBegins() {
    this.stage.streamBegins();
    this.parts.tell('streamBegan');
  }
}
