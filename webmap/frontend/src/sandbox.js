/** The sandbox page: its parts, and what a person does that concerns more than one of them. */
import { AlarmDesk } from './alarms/alarm-desk.js';
import { AlarmScene } from './alarms/alarm-scene.js';
import { City } from './buildings/city.js';
import { ClassCounts } from './buildings/class-counts.js';
import { DeviceDesk } from './devices/device-desk.js';
import { DeviceScene } from './devices/device-scene.js';
import { EventCard } from './events/event-card.js';
import { Events } from './events/events.js';
import { Exploded } from './exploded/exploded.js';
import { Freeze } from './tools/freeze.js';
import { GridDesk } from './grids/grid-desk.js';
import { GridFigures } from './grids/grid-figures.js';
import { GridMap } from './grids/grid-map.js';
import { Household } from './buildings/household.js';
import { language } from './i18n/index.js';
import { LayerTree } from './base/layer-tree.js';
import { KeeperMap } from './keepers/keeper-map.js';
import { LivePart } from './live/live-part.js';
import { Look } from './look.js';
import { Measure } from './tools/measure.js';
import { NearLines } from './exploded/near-lines.js';
import { Opening } from './opening.js';
import { Parts } from './parts.js';
import { Past } from './past/past.js';
import { SceneView } from './map/scene-view.js';
import { Search } from './search/search.js';
import { Snapshot } from './tools/snapshot.js';
import { Sought } from './sought.js';
import { Stage } from './map/stage.js';
import { formatUrlState } from './url-state.js';
import { WarningDesk } from './warnings/warning-desk.js';
import { WarningScene } from './warnings/warning-scene.js';

export class Sandbox {
  #camera = null;

  constructor({ config, store, url }) {
    Object.assign(this, { config, store, url });
    this.look = new Look({ store, style: config.style, document, storage: () => localStorage });
    this.stage = new Stage({
      store,
      compose: (look) => this.tree.stand(this.parts.layers({ ...look, relief: this.tree.relief })),
      tree: () => this.tree,
      onClick: (event) => this.#click(event),
      onMoved: () => url.schedule(),
    });
    this.view = new SceneView({
      store, urls: config.urls, look: this.look, stage: this.stage, camera: () => this.#camera,
      under: () => this.tree.forMap(),
      onOpened: (cityMap) => this.#opened(cityMap),
    });
    this.opening = new Opening({ store, page: this });
    this.parts = new Parts(this.#makeParts());
    store.subscribe(['view', 'card', 'eventView', 'playback', 'comparison', 'event', 'past', 'devices', 'device', 'exploded', 'grids', 'values', 'keepers'], () => this.draw());
    store.subscribe(['dossier', 'warning', 'household', 'grids'], () => url.schedule());
    this.sought = new Sought({
      store,
      ready: () => this.stage.cityMap !== null,
      go: {
        dossier: ({ alarm }) => this.opening.flyToAlarm(alarm),
        warning: ({ warning: { geometry } }) => this.opening.flyToArea(geometry),
        grid: ({ place }) => this.opening.flyToBounds(place.bounds),
        device: ({ card }) => this.opening.flyTo(card),
        event: ({ event }) => this.opening.flyTo(event),
        card: ({ building: { centre: [lon, lat] } }) => this.opening.flyTo({ lon, lat }),
      },
    });
  }

  #makeParts() {
    const { store, config: { urls, account, me, mayHandle, mayReveal, timeZone, shifts, cameraHosts } } = this;
    const described = (id) => this.stage.layer(id);
    const onChange = () => this.draw();
    const ground = () => this.tree.relief;
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
        this.opening.closeCard();
        this.events.playback.pause();
        this.events.window.readClasses();
      },
    });
    this.events = new Events({
      store, timeZone, shifts, described, past: () => this.past.events(),
      urls: { events: urls.events, columns: urls.eventColumns, hexagons: urls.eventHexagons, classes: urls.eventClasses },
      onEvent: (id) => this.opening.openEvent(id),
      stepwise: () => matchMedia('(prefers-reduced-motion: reduce)').matches,
    });
    this.exploded = new Exploded({ store, urls, onChange, ground, onRoom: (id) => this.opening.openHousehold(id) });
    this.nearLines = new NearLines({ store, exploded: this.exploded, onChange, ground });
    this.alarmScene = new AlarmScene({
      store, url: urls.footprints, onChange, ground, exploded: this.exploded,
      onSelect: (alarm) => this.opening.selectAlarm(alarm), onBuilding: (id) => this.opening.openBuilding(id),
    });
    this.household = new Household({ store, urls, mayReveal, onBuilding: (id) => this.opening.openBuilding(id) });
    this.search = new Search({
      store, url: urls.search,
      openFound: (found) => this.opening.openFound(found),
      flyTo: (longitude, latitude, zoom) => this.opening.fly((map) => map.flyTo({ longitude, latitude }, zoom && { zoom })),
    });
    this.measure = new Measure({ store, onChange });
    this.snapshot = new Snapshot({ store, explained: () => this.parts.legends(), credits: () => this.tree.attributions(), timeZone: this.config.timeZone, account });
    this.freeze = new Freeze({
      store, url: urls.handovers, picture: async () => (this.stage.cityMap ? (await this.snapshot.picture()).blob : null),
      view: () => formatUrlState(this.urlState()),
      onFrozen: (alarm, id) => this.desk.dossier.handedOver(alarm, { id, accepted_by: null }),
    });
    const warningScene = new WarningScene({ store, onChange });
    const figures = new GridFigures();
    this.grids = new GridDesk({ store, urls, figures });
    this.gridMap = new GridMap({
      store, urls, figures, told: { onTileError: () => this.stage.tileFailed() },
      onGrid: (code) => this.grids.open(code), onCommunity: (bounds) => this.opening.flyToBounds(bounds),
    });
    this.keepers = new KeeperMap({ store, urls });
    this.devices = new DeviceScene({
      store, urls, described, onTileError: () => this.stage.tileFailed(),
      onOpen: (what, code) => this.opening.openThing(what, code), onGroup: (group) => this.thing.openGroup(group),
    });
    this.thing = new DeviceDesk({ store, urls, cameraHosts });
    this.tree = new LayerTree({
      store, urls, onChange, page: this, tiles: this.config.baseTiles ?? null, maySeeDevices: Boolean(urls.devices),
    });
    const classCounts = new ClassCounts({ store, url: urls.classes });
    // In the order in which a click looks for what it has met, and things of one plane are drawn.
    // Rooms come before the buildings that have stepped back, which are drawn over them like a veil.
    return [
      new LivePart({ store }),
      this.household,
      this.freeze,
      this.search,
      this.measure,
      this.exploded,
      this.devices,
      this.thing,
      this.keepers,
      this.alarmScene,
      this.events,
      this.city,
      this.desk,
      this.warnings,
      this.grids,
      this.gridMap,
      warningScene,
      this.eventCard,
      this.past,
      this.snapshot,
      this.nearLines,
      classCounts,
      this.tree,
    ];
  }

  /** Take over what a link says. */
  restore(link) {
    const { lang, style, camera, at, building, event, exploded } = link;
    // What is handled now is not opened beside the past.
    const { alarm, warning, device, facility, grid } = at ? {} : link;
    this.look.restore({ lang, style });
    this.#camera = camera ?? null;
    this.parts.tell('restore', { ...link, alarm, warning, device, facility, grid, alarmThen: at ? link.alarm : null });
    // A building that is to be taken apart is flown to by that.
    const named = { dossier: alarm, warning, device: device ?? facility, grid, event, card: exploded ? null : building };
    const found = Object.entries(named).find(([, id]) => id);
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

  // --- the map and the keyboard ------------------------------------------------------------------------------

  #click({ point, lngLat }) {
    if (this.parts.takesClick({ lngLat })) return;
    const info = this.stage.cityMap.pick(point, this.parts.picks());
    const alone = this.parts.alone();
    if (alone) return alone.clicked(info);
    this.opening.closeCard();
    return this.parts.ofPick(info)?.clicked(info);
  }

  /** Move the camera, once there is a map: zoomBy, faceNorth, toggleTilt, goHome. */
  moveMap(how, ...values) {
    this.stage.cityMap?.[how](...values);
  }

  /** Escape: put away what is being written, or close what is open. */
  escape() {
    if (!this.parts.putAway()) this.opening.closeCard();
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
