/** 展开楼栋: one building taken apart on the map, storey by storey, its rooms by their state and what alarms light in it. */
import { requestJson } from '../api.js';
import { address } from '../config.js';
import { ExplodedPicture } from './exploded-picture.js';
import { countRooms, isInside, placesOf, roomOf, sideBearing, stepFloor } from './exploded-terms.js';
import { ExplodedPointer } from './exploded-pointer.js';
import { EXPLODED_ROOMS, explodedLayers } from '../layers/exploded.js';
import { ExplodedLabels } from '../layers/exploded-labels.js';
import { Rise } from './rise.js';
import { NO_EXPLODED } from './exploded-state.js';
import { t } from '../i18n/index.js';
import { showPlaces } from '../layers/places.js';
import { tileAt, touches } from '../map/tile-changes.js';
import { tokenColor } from '../map/token-colors.js';

/** As the scene of the server has it in mind (webmap/scenes/building.py): degrees from straight down. */
const PITCH = 63;

/** What stands beside the picture: names of storeys on both sides, of units above. In rem. */
const MARGIN = { left: 5, right: 5, top: 4.5, bottom: 2 };

/** Of many changes at a time, one look at the building. */
const LOOK_AGAIN = 800;

const AUTO = 'shapan.exploded.auto';

export class Exploded {
  /** Whether the card of a household was open when it was last looked at. */
  #household = false;

  picks = [EXPLODED_ROOMS];

  #cityMap = null;
  #abort = null;
  #before = null;
  #refused = null;
  #again = null;
  #namesHidden = false;

  /** What a link asks for, until there is a map. */
  #wish = null;


  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {{rooms: string, buildingScene: string}} parts.urls each of a building with `{id}`
   * @param {() => void} parts.onChange the picture is another one
   * @param {(room: number) => void} parts.onRoom somebody wants to know who lives there
   * @param {() => object} parts.ground on which the building stands: base/relief.js
   */
  constructor({ store, urls, onChange, onRoom, ground }) {
    Object.assign(this, { store, urls, onChange, onRoom });
    this.rise = new Rise({
      onStep: () => {
        this.onChange();
        if (this.rise.progress === 1) store.touch('exploded'); // what stands in it is where it stays
      },
    });
    this.picture = new ExplodedPicture({ store, rise: this.rise, ground });
    this.pointer = new ExplodedPointer({ exploded: this });
    this.hears = {
      'tiles-changed': ({ changes }) => this.#changed(changes),
    };
    store.subscribe(['alarms', 'dossier', 'past'], () => this.picture.relight());
    store.subscribe(['household'], () => this.#followHousehold());
    store.subscribe(['exploded', 'view'], () => this.#hideNames());
    try {
      store.state.autoExplode = localStorage.getItem(AUTO) !== '0';
    } catch { /* forbidden: as by default */ }
  }

  /** Who closes the card of a household has done with its room. */
  #followHousehold() {
    const open = this.store.state.household.status !== 'closed';
    if (this.#household && !open && this.state.room !== null) this.#set({ room: null });
    this.#household = open;
  }

  /** The map writes names above all that is drawn: through the rooms, where they would stand for nothing. */
  #hideNames() {
    const hidden = this.isOpen;
    if (hidden === this.#namesHidden || this.#cityMap === null) return;
    this.#namesHidden = hidden;
    showPlaces(this.#cityMap, !hidden && this.store.state.layers.labels);
  }

  get state() {
    return this.store.state.exploded;
  }

  get isOpen() {
    return this.state.status === 'open';
  }

  #set(changes) {
    this.store.set('exploded', { exploded: { ...this.state, ...changes } });
  }

  // --- the hooks of a part -----------------------------------------------------------------------------------

  restore({ building, exploded, room, camera }) {
    if (exploded && building) this.#wish = { building, room: room ?? null, fly: !camera };
  }

  linked() {
    const { status, id, room } = this.state;
    if (this.#wish !== null) return { exploded: true, building: this.#wish.building, room: this.#wish.room };
    return status === 'closed' ? {} : { exploded: true, building: id, room };
  }

  opened(cityMap) {
    this.#cityMap = cityMap;
    this.labels = new ExplodedLabels({
      container: document.getElementById('exploded-labels'), cityMap,
      view: () => this.picture.drawn(), onFloor: (floor) => this.showFloor(floor),
    });
    this.pointer.opened(cityMap);
    if (this.#wish !== null) this.open(this.#wish.building, this.#wish);
    this.#wish = null;
  }

  alone() {
    return this.isOpen;
  }

  clicked(info) {
    this.chooseRoom(info?.object?.room || null);
  }

  layers({ style, scale, below }) {
    const drawn = this.picture.drawn();
    return drawn === null ? {} : explodedLayers(this.picture.layers, { ...drawn, style, scale, below });
  }

  /** How many rooms of what is shown are in each state, as countRooms tells them. */
  counts() {
    const { id, contents, floor } = this.state;
    const rooms = floor === null ? contents.rooms : contents.rooms.filter((room) => room.floor === floor);
    return countRooms(rooms, this.store.shownAlarms().filter(({ building_id: building }) => building === id), contents);
  }

  legends() {
    if (!this.isOpen) return [];
    const { states, lit } = this.counts();
    const lines = [
      ...Object.entries(lit).map(([severity, count]) => ({
        color: tokenColor(`severity-${severity}`), label: t('exploded.lit', { severity: t(`severity.${severity}`) }), count })),
      ...Object.entries(states).map(([state, count]) => ({ color: tokenColor(`room-${state}`), label: t(`room.state.${state}`), count })),
    ];
    return [{ title: t('exploded.legend'), lines: lines.filter(({ count }) => count > 0) }];
  }

  streamBegan() {
    if (this.isOpen) this.#read(this.state.id);
  }

  putAway() {
    const { status, room, floor } = this.state;
    const { dossier, groupForm } = this.store.state;
    if (status === 'closed' || dossier.form !== null || groupForm !== null) return false; // what is being written goes first
    if (room !== null) this.chooseRoom(null);
    else if (floor !== null) this.showFloor(null);
    else this.collapse();
    return true;
  }

  close() {
    this.#refused = null;
    this.#close();
  }

  // --- opening and closing -----------------------------------------------------------------------------------

  /** Take a building apart. `room`: the one to be chosen; `fly`: go where all of it is seen. */
  async open(id, { room = null, floor = null, fly = true } = {}) {
    if (this.state.id === id && ['open', 'loading'].includes(this.state.status)) {
      this.#set({ room: room ?? this.state.room });
      return;
    }
    this.#before ??= this.#cityMap?.camera() ?? null;
    this.store.set('exploded', { exploded: { ...NO_EXPLODED, status: 'loading', id, room, floor, fly } });
    await this.#read(id);
  }

  /** Show where an alarm is, in its building taken apart: true when it says where that is and nobody has put it away. */
  follow(alarm) {
    if (!isInside(alarm) || this.#refused === alarm.id || !this.store.state.autoExplode || this.#cityMap === null) return false;
    this.open(alarm.building_id);
    if (this.isOpen) this.#fly();
    return true;
  }

  /** Take the building of the open card apart, or put it together. */
  toggle() {
    const { card } = this.store.state;
    if (this.state.status !== 'closed') this.collapse();
    else if (card.status === 'open' && this.#cityMap !== null) this.open(card.id);
  }

  /** Put the building together again, and the camera back to where it was. */
  collapse() {
    const before = this.#before;
    this.#refused = this.store.state.dossier.id;
    this.#close();
    if (before) this.#cityMap?.returnTo(before);
  }

  #close() {
    if (this.state.status === 'closed') return;
    this.#abort?.abort();
    this.rise.stop();
    this.#before = null;
    this.store.set('exploded', { exploded: { ...NO_EXPLODED } });
  }

  /** Whether alarms take their building apart; each browser remembers it. */
  setAuto(on) {
    try {
      localStorage.setItem(AUTO, on ? '1' : '0');
    } catch { /* full or forbidden: it holds until the page is closed */ }
    this.store.set('exploded', { autoExplode: on });
  }

  retry() {
    return this.#read(this.state.id);
  }

  async #read(id) {
    this.#abort?.abort();
    const { signal } = this.#abort = new AbortController();
    try {
      const [contents, scene] = await Promise.all([
        requestJson(address(this.urls.storeys, { id }), { signal }), requestJson(address(this.urls.buildingScene, { id }), { signal })]);
      this.picture.take(scene.deck);
      const first = this.state.status !== 'open';
      this.#set({ status: 'open', contents, scene, error: null });
      this.picture.relight();
      if (!first) return;
      this.rise.begin();
      this.#fly();
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      if (this.isOpen && error.status !== 404) return; // what is shown stays; the next change reads it again
      this.#set({ status: error.status === 404 ? 'missing' : 'failed', contents: null, scene: null, room: null, floor: null, error });
    }
  }

  /** Rooms of this building may be other ones, or it may be gone. */
  #changed(changes) {
    if (!this.isOpen || this.#again !== null) return;
    const { bounds: [west, south, east, north] } = this.state.scene;
    const tile = tileAt((west + east) / 2, (south + north) / 2);
    if (!changes.some((change) => change.layer === 'buildings' && touches(change, tile))) return;
    this.#again = setTimeout(() => {
      this.#again = null;
      if (this.isOpen) this.#read(this.state.id);
    }, LOOK_AGAIN);
  }

  // --- what is chosen ----------------------------------------------------------------------------------------

  chooseRoom(id) {
    if (id === this.state.room) return;
    this.#set({ room: id });
    if (id !== null) this.onRoom(id);
  }

  pointAt(id) {
    if (id !== this.state.hovered) this.#set({ hovered: id });
  }

  /** One storey alone; null for all of them. */
  showFloor(floor) {
    if (floor === this.state.floor) return;
    this.#set({ floor });
    this.#fly();
  }

  stepFloor(steps) {
    this.showFloor(stepFloor(this.state.scene.floors, this.state.floor ?? this.#floorInMind(), this.state.floor === null ? 0 : steps));
  }

  toggleSingle() {
    this.showFloor(this.state.floor === null ? stepFloor(this.state.scene.floors, this.#floorInMind(), 0) : null);
  }

  /** That of the chosen room, else of the open alarm. */
  #floorInMind() {
    const { contents, room } = this.state;
    const { alarm } = this.store.state.dossier;
    return contents.rooms.find(({ id }) => id === room)?.floor
      ?? (alarm?.building_id === this.state.id ? roomOf(alarm, contents)?.floor ?? alarm.floor : null);
  }

  /** Where an alarm of this building stands now that it is apart: [longitude, latitude, metres]; null for all others. */
  placeOf(alarm) {
    return this.picture.placeOf(alarm);
  }

  /** Whether an alarm is of a storey that is not shown. */
  hides(alarm) {
    return this.isOpen && this.state.floor !== null && alarm.building_id === this.state.id && this.placeOf(alarm) === null;
  }

  /** Go where all that is shown is seen. */
  #fly() {
    const { status, scene, floor, fly } = this.state;
    if (status !== 'open' || this.#cityMap === null || !fly) return;
    this.#before ??= this.#cityMap.camera();
    const bearing = sideBearing(scene.axis_deg, this.#cityMap.camera().bearing);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const margin = Object.fromEntries(Object.entries(MARGIN).map(([side, size]) => [side, size * rem]));
    // The frame after next has panel and dossier: what they leave free is known then.
    requestAnimationFrame(() => requestAnimationFrame(() => this.#cityMap.flyToPlaces(placesOf(scene, floor), {
      pitch: floor === null ? PITCH : PITCH - 15, bearing, margin,
    })));
  }
}
