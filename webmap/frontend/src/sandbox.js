/** The sandbox page: its parts, and what a person does that concerns more than one of them. */
import { AlarmDesk } from './alarm-desk.js';
import { AlarmScene } from './alarm-scene.js';
import { City } from './city.js';
import { Heat } from './heat.js';
import { Exploded } from './exploded.js';
import { language } from './i18n/index.js';
import { showGrids } from './layers/grids.js';
import { showPlaces } from './layers/places.js';
import { LiveState } from './live-state.js';
import { Look } from './look.js';
import { NearLines } from './near-lines.js';
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
    store.subscribe(['view', 'card', 'heat', 'events', 'exploded'], () => this.draw());
    store.subscribe(['dossier', 'warning'], () => url.schedule());
    this.sought = new Sought({
      store,
      ready: () => this.stage.cityMap !== null,
      go: { dossier: (alarm) => this.flyToAlarm(alarm), warning: ({ geometry }) => this.#flyToArea(geometry) },
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
    this.exploded = new Exploded({ store, urls, onChange, onRoom: (id) => this.household?.open(id) });
    this.nearLines = new NearLines({ store, exploded: this.exploded, onChange });
    this.alarmScene = new AlarmScene({
      store, url: urls.footprints, onChange, exploded: this.exploded,
      onSelect: (alarm) => this.selectAlarm(alarm), onBuilding: (id) => this.city.card.open(id),
    });
    const warningScene = new WarningScene({ store, onChange });
    // In the order in which a click looks for what it has met, and things of one plane are drawn.
    // Rooms come before the buildings that have stepped back, which are drawn over them like a veil.
    return [
      new LiveState({ store }), this.exploded, this.alarmScene, this.city, this.desk, this.warnings, warningScene, this.heat,
      this.nearLines,
    ];
  }

  /** Take over what a link says. */
  restore(link) {
    const { lang, style, alarm, warning, camera } = link;
    this.look.restore({ lang, style });
    this.#camera = camera ?? null;
    this.parts.tell('restore', link);
    if (!camera && (alarm || warning)) this.sought.seek(alarm ? 'dossier' : 'warning', alarm ?? warning);
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
  }

  // --- opening and closing -----------------------------------------------------------------------------------

  #click(point) {
    const info = this.stage.cityMap.pick(point, this.parts.picks());
    const alone = this.parts.alone();
    if (alone) return alone.clicked(info);
    this.closeCard();
    return this.parts.ofPick(info)?.clicked(info);
  }

  /** Close all that stands open beside the map. */
  closeCard() {
    this.exploded.collapse();
    this.parts.tell('close');
  }

  /** Its dossier, behind it the card of its building, and the building taken apart where the alarm says where in it. */
  selectAlarm(alarm) {
    const here = alarm.building_id === this.exploded.state.id;
    this.parts.tellOthers([this.desk, this.city, ...(here ? [this.exploded] : [])], 'close');
    this.desk.open(alarm.id);
    if (!alarm.building_id) this.city.close();
    else if (this.store.state.card.id !== alarm.building_id) this.city.card.open(alarm.building_id);
    return this.exploded.follow(alarm);
  }

  flyToAlarm(alarm) {
    if (this.selectAlarm(alarm) || !Number.isFinite(alarm.lon)) return;
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
    if (bounds !== null) this.#fly((map) => map.flyToBounds(boundsWithin(bounds, this.store.state.scene.bounds)));
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
