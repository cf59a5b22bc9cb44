/** The sandbox page: its parts, and what a person does that concerns more than one of them. */
import { AlarmDesk } from './alarm-desk.js';
import { AlarmScene } from './alarm-scene.js';
import { City } from './city.js';
import { ClassCounts } from './class-counts.js';
import { DeviceDesk } from './device-desk.js';
import { DeviceScene } from './device-scene.js';
import { EventCard } from './event-card.js';
import { Events } from './events.js';
import { Exploded } from './exploded.js';
import { Freeze } from './freeze.js';
import { Household } from './household.js';
import { language } from './i18n/index.js';
import { showGrids } from './layers/grids.js';
import { showPlaces } from './layers/places.js';
import { LiveState } from './live-state.js';
import { Look } from './look.js';
import { Measure } from './measure.js';
import { NearLines } from './near-lines.js';
import { Parts } from './parts.js';
import { Past } from './past.js';
import { SceneView } from './scene-view.js';
import { Search } from './search.js';
import { Snapshot } from './snapshot.js';
import { Sought } from './sought.js';
import { Stage } from './stage.js';
import { WarningDesk } from './warning-desk.js';
import { WarningScene } from './warning-scene.js';
import { formatUrlState } from './url-state.js';
import { boundsOf, boundsWithin } from './warning-terms.js';

export class Sandbox {
  #camera = null;

  constructor({ config, store, url }) {
    Object.assign(this, { config, store, url });
    this.look = new Look({ store, style: config.style, document, storage: () => localStorage });
    this.stage = new Stage({
      store,
      compose: (look) => this.parts.layers(look),
      onClick: (event) => this.#click(event),
      onMoved: () => url.schedule(),
    });
    this.view = new SceneView({
      store, urls: config.urls, look: this.look, stage: this.stage, camera: () => this.#camera,
      onOpened: (cityMap) => this.#opened(cityMap),
    });
    this.parts = new Parts(this.#makeParts());
    store.subscribe(['view', 'card', 'eventView', 'playback', 'comparison', 'event', 'past', 'devices', 'device', 'exploded'], () => this.draw());
    store.subscribe(['dossier', 'warning', 'household'], () => url.schedule());
    this.sought = new Sought({
      store,
      ready: () => this.stage.cityMap !== null,
      go: {
        dossier: (alarm) => this.flyToAlarm(alarm), warning: ({ geometry }) => this.#flyToArea(geometry),
        device: (card) => this.#flyTo(card),
      },
    });
  }

  #makeParts() {
    const { store, config: { urls, account, me, mayHandle, mayReveal, timeZone, shifts, cameraHosts } } = this;
    const described = (id) => this.stage.layer(id);
    const onChange = () => this.draw();
    this.city = new City({
      store, url: urls.building, described, told: { onTileError: () => this.stage.tileFailed() },
    });
    this.desk = new AlarmDesk({
      store, url: urls.alarms, snapshot: urls.snapshot, account, mayHandle, maySee: me.permissions.includes('alarms.read'),
    });
    this.warnings = new WarningDesk({ store, url: urls.warnings });
    this.eventCard = new EventCard({ store, url: urls.events, tasksUrl: urls.tasks });
    this.past = new Past({
      store, timeZone, urls: { picture: urls.picture, marks: urls.pictureMarks }, root: document.documentElement,
      onOpen: () => {
        this.closeCard();
        this.events.playback.pause();
        this.events.window.readClasses();
      },
    });
    this.events = new Events({
      store, timeZone, shifts, described, past: () => this.past.events(),
      urls: { columns: urls.eventColumns, hexagons: urls.eventHexagons, classes: urls.eventClasses },
      onEvent: (id) => this.openEvent(id),
      stepwise: () => matchMedia('(prefers-reduced-motion: reduce)').matches,
    });
    this.exploded = new Exploded({ store, urls, onChange, onRoom: (id) => this.openHousehold(id) });
    this.nearLines = new NearLines({ store, exploded: this.exploded, onChange });
    this.alarmScene = new AlarmScene({
      store, url: urls.footprints, onChange, exploded: this.exploded,
      onSelect: (alarm) => this.selectAlarm(alarm), onBuilding: (id) => this.openBuilding(id),
    });
    this.household = new Household({ store, urls, mayReveal, onBuilding: (id) => this.openBuilding(id) });
    this.search = new Search({
      store, url: urls.search,
      openFound: (found) => {
        this.closeCard();
        return this.parts.openFound(found);
      },
      flyTo: (longitude, latitude, zoom) => this.#fly((map) => map.flyTo({ longitude, latitude }, zoom && { zoom })),
    });
    this.measure = new Measure({ store, onChange });
    this.snapshot = new Snapshot({ store, explained: () => this.parts.legends(), timeZone: this.config.timeZone, account });
    this.freeze = new Freeze({
      store, url: urls.handovers, picture: async () => (this.stage.cityMap ? (await this.snapshot.picture()).blob : null),
      view: () => formatUrlState(this.urlState()),
    });
    const warningScene = new WarningScene({ store, onChange });
    this.devices = new DeviceScene({
      store, urls, described, onTileError: () => this.stage.tileFailed(),
      onOpen: (what, code) => this.openThing(what, code), onGroup: (group) => this.thing.openGroup(group),
    });
    this.thing = new DeviceDesk({ store, urls, cameraHosts });
    const classCounts = new ClassCounts({ store, url: urls.classes });
    // In the order in which a click looks for what it has met, and things of one plane are drawn.
    // Rooms come before the buildings that have stepped back, which are drawn over them like a veil.
    return [
      new LiveState({ store }),
      this.household,
      this.freeze,
      this.search,
      this.measure,
      this.exploded,
      this.devices,
      this.thing,
      this.alarmScene,
      this.events,
      this.city,
      this.desk,
      this.warnings,
      warningScene,
      this.eventCard,
      this.past,
      this.snapshot,
      this.nearLines,
      classCounts,
    ];
  }

  /** Take over what a link says. */
  restore(link) {
    const { lang, style, camera, at } = link;
    // What is handled now is not opened beside the past.
    const { alarm, warning, device, facility } = at ? {} : link;
    this.look.restore({ lang, style });
    this.#camera = camera ?? null;
    this.parts.tell('restore', { ...link, alarm, warning, device, facility });
    const found = Object.entries({ dossier: alarm, warning, device: device ?? facility }).find(([, id]) => id);
    if (!camera && found) this.sought.seek(...found);
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

  #click({ point, lngLat }) {
    if (this.parts.takesClick({ lngLat })) return;
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

  /** The card of a building, in front of its rooms. */
  openBuilding(id) {
    this.parts.tellOthers([this.city, this.desk], 'close');
    this.city.card.open(id);
  }

  /** The household of a room; the card or the dossier that it was opened from stays behind it. */
  openHousehold(roomId) {
    this.parts.tellOthers([this.household, this.city, this.desk, this.exploded], 'close');
    return this.household.open(roomId);
  }

  /**
   * Its dossier, behind it the card of its building, and the building taken apart where the alarm says where in it.
   * @returns {boolean} whether the camera goes there by itself
   */
  selectAlarm(alarm) {
    const here = alarm.building_id === this.exploded.state.id;
    this.parts.tellOthers([this.desk, this.city, ...(here ? [this.exploded] : [])], 'close');
    // What can be done with an alarm is done now: of the past there is its place alone.
    if (this.store.state.past.on) this.desk.close();
    else this.desk.open(alarm.id);
    if (!alarm.building_id) this.city.close();
    else if (this.store.state.card.id !== alarm.building_id) this.city.card.open(alarm.building_id);
    return !this.store.state.past.on && this.exploded.follow(alarm);
  }

  flyToAlarm(alarm) {
    if (!this.selectAlarm(alarm) && Number.isFinite(alarm.lon)) this.#flyTo(alarm);
  }

  /** The card of a device or facility, where it is clicked. */
  openThing(what, code) {
    this.parts.tellOthers([this.thing], 'close');
    this.thing.open(what, code);
  }

  /** The card of a device or facility, and where it is. `beside` the dossier that names it, where one is open. */
  async goToThing(what, code, { beside = false } = {}) {
    this.parts.tellOthers(beside ? [this.thing, this.desk, this.city, this.exploded] : [this.thing], 'close');
    if (beside) this.desk.dossier.showTab('device');
    await this.thing.open(what, code);
    const { card, id } = this.store.state.device;
    if (card && id === code) this.#flyTo(card);
  }

  /** Close the card of a device or facility: back to the dossier that it stands beside, where one is open. */
  closeThing() {
    if (this.store.state.dossier.status === 'closed') this.closeCard();
    else {
      this.thing.close();
      this.desk.dossier.showTab('alarm');
    }
  }

  #flyTo({ lon, lat }) {
    this.#fly((map) => map.flyTo({ longitude: lon, latitude: lat }));
  }

  /** The card of an event, which stands alone. */
  openEvent(id) {
    this.parts.tellOthers([this.eventCard], 'close');
    this.eventCard.open(id);
  }

  /** The card of an event, and the map above its place. */
  flyToEvent({ id, lon, lat }) {
    if (this.store.state.event.id !== id) this.openEvent(id);
    this.#fly((map) => map.flyTo({ longitude: lon, latitude: lat }));
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
