/** 设备设施: what of the devices and facilities is on the map. Places come with tiles, how a device is with its cell and the stream. */
import { requestJson } from '../api.js';
import { DeviceCounts } from './device-counts.js';
import { groupThings, levelOf } from './device-groups.js';
import { ALL, isAnyChosen, isChosen, withChosen } from './device-state.js';
import { cellOf, DeviceStates } from './device-states.js';
import { classIcon, isAbnormal, rankOf } from './device-terms.js';
import { apartAt, asThing, DEVICES, FACILITIES, iconOf, lookOf, MARKS, markLayers, pickedGroup, thingTiles } from '../layers/devices.js';
import { MarkAtlas } from '../layers/mark-atlas.js';
import { thingsIn } from '../map/tile-things.js';

/** Steps of zoom after which the things of one mark stand thrice as far apart. */
const NEARER = 1.6;

const CHOICES = { [DEVICES]: 'kinds', [FACILITIES]: 'classes' };

export class DeviceScene {
  picks = [MARKS];

  #cityMap = null;
  #atlas = new MarkAtlas();
  #style = null;

  /** Layer → its tiles in view, and the functions by which deck.gl tells of them: always the same ones. */
  #tiles = new Map();
  #told = new Map();

  /** What the tiles hold, what of it is shown, and in which marks; null where it is to be worked out anew. */
  #things = null;
  #groups = null;
  #level = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {{devices: string, facilities: string}} parts.urls
   * @param {(id: string) => object|undefined} parts.described a layer as the server's scene describes it
   * @param {(error: Error) => void} parts.onTileError
   * @param {(what: 'device'|'facility', code: string) => void} parts.onOpen
   * @param {(group: object) => void} parts.onGroup
   */
  constructor({ store, urls, described, onTileError, onOpen, onGroup }) {
    Object.assign(this, { store, described, onOpen, onGroup });
    this.counts = new DeviceCounts({ store, urls });
    this.states = new DeviceStates({
      read: (x, y) => requestJson(`${urls.devices}/silent?${new URLSearchParams({ x, y })}`),
      onChange: () => this.#restate(),
    });
    for (const id of [DEVICES, FACILITIES]) {
      this.#tiles.set(id, []);
      this.#told.set(id, {
        onTile: (tile) => this.#take(id, [...this.#tiles.get(id).filter((one) => one.id !== tile.id), tile]),
        onTiles: (tiles) => this.#take(id, tiles),
        onTileError,
      });
    }
    this.hears = {
      device: (device) => {
        this.states.hear(device);
        this.counts.hear(device);
      },
      'tiles-changed': ({ changes }) => this.#recordsChanged(new Set(changes.map(({ layer }) => layer))),
    };
  }

  restore({ devices, facilities, silent }) {
    const { choice } = this.store.state.devices;
    this.#choose({ kinds: devices ?? choice.kinds, classes: facilities ?? choice.classes, silent: silent ?? choice.silent });
  }

  linked() {
    const { kinds: devices, classes: facilities, silent } = this.store.state.devices.choice;
    return { devices, facilities, silent };
  }

  opened(cityMap) {
    this.#cityMap = cityMap;
    for (const moved of ['zoom', 'pitch', 'moveend']) cityMap.map.on(moved, () => this.#lookAround());
    this.#lookAround();
  }

  streamBegan() {
    this.states.readAgain();
    this.counts.begin();
  }

  layers({ state, style, scale }) {
    if (state.past.on) return {}; // their state then is not on record
    const { choice, near } = state.devices;
    const shown = [DEVICES, FACILITIES].filter((id) => isAnyChosen(choice[CHOICES[id]]) && this.described(id));
    const tiles = shown.map((id) => thingTiles(this.described(id), this.#told.get(id)));
    const groups = near && shown.length > 0 ? this.#grouped() : [];
    const chosen = this.#chosen(state.device);
    if (groups.length === 0 && !chosen) return { ground: tiles };
    return { ground: tiles, marked: this.#draw(groups, chosen, { style, scale }) };
  }

  clicked(info) {
    const { members } = pickedGroup(info);
    if (members.length === 1) this.onOpen(members[0].what, members[0].code);
    else this.onGroup(pickedGroup(info));
  }

  /** How a device or facility is right now, as far as this page knows. */
  stateOf(thing) {
    return thing.what === 'facility' ? thing.state : this.states.of(cellOf(thing.lon, thing.lat), thing.code) ?? thing.state;
  }

  // --- what is chosen ----------------------------------------------------------------------------------------

  /** Show a kind of devices, or a class of facilities, or no more. `among`: kinds or classes. */
  show(among, code, on) {
    const { choice, counts, classes } = this.store.state.devices;
    const known = among === 'kinds' ? counts.kinds.map(({ kind }) => kind) : classes.classes.map((each) => each.code);
    this.#choose({ [among]: withChosen(choice[among], code, on, known) });
  }

  showAll(among, on) {
    this.#choose({ [among]: on ? ALL : new Set() });
  }

  /** Only those that are late, lost, damaged or missing, or all. */
  showSilentOnly(silent) {
    this.#choose({ silent });
  }

  #choose(changes) {
    const { devices } = this.store.state;
    this.#things = null;
    this.store.set('devices', { devices: { ...devices, choice: { ...devices.choice, ...changes } } });
  }

  /** Come near enough to see single ones. */
  comeNear() {
    const { longitude, latitude } = this.#cityMap.camera();
    this.#cityMap.flyTo({ longitude, latitude }, { zoom: this.store.state.devices.from + 0.5 });
  }

  /** Come nearer to a mark of several. */
  comeNearer({ longitude, latitude }) {
    this.#cityMap.flyTo({ longitude, latitude }, { zoom: this.#cityMap.camera().zoom + NEARER });
  }

  // --- what there is -----------------------------------------------------------------------------------------

  #take(id, tiles) {
    this.#tiles.set(id, tiles);
    this.#things = null;
    this.store.touch('devices');
  }

  #recordsChanged(layers) {
    for (const id of [DEVICES, FACILITIES]) if (layers.has(id)) this.counts.recordsChanged(id);
    if (layers.has(DEVICES)) this.states.readAgain();
  }

  #lookAround() {
    const camera = this.#cityMap.camera();
    const from = this.described(DEVICES)?.props.minZoom ?? this.described(FACILITIES)?.props.minZoom ?? null;
    const near = from === null || camera.zoom >= from;
    const zoom = Math.floor(camera.zoom * 10) / 10;
    const { devices } = this.store.state;
    if (near !== devices.near || from !== devices.from || (!near && zoom !== devices.zoom)) {
      this.store.set('devices', { devices: { ...devices, near, from, zoom } });
    }
    const level = levelOf(camera, apartAt(camera.zoom) * this.#cityMap.scale);
    if (level.key === this.#level?.key) return;
    this.#level = level;
    this.#groups = null;
    this.store.touch('devices');
  }

  /** The state of some devices is another one: the marks stay where they are, unless only some states are shown. */
  #restate() {
    const { devices } = this.store.state;
    const waiting = this.#things?.waiting;
    if (devices.choice.silent || waiting) this.#things = null;
    for (const group of this.#groups ?? []) {
      for (const thing of group.members) thing.state = this.stateOf(thing);
      group.rank = Math.max(...group.members.map(({ state }) => rankOf(state)));
    }
    if (this.states.failed !== devices.unread) this.store.set('devices', { devices: { ...devices, unread: this.states.failed } });
    else this.store.touch('devices');
  }

  /** All that is to be seen, each with its state; those whose state is not known yet are left out, and `waiting` says so. */
  #seen() {
    const { choice } = this.store.state.devices;
    const devices = thingsIn(this.#tiles.get(DEVICES), DEVICES).filter(({ kind }) => isChosen(choice.kinds, kind));
    const facilities = thingsIn(this.#tiles.get(FACILITIES), FACILITIES).filter((each) => isChosen(choice.classes, each.class_code));
    const cells = devices.map(({ lon, lat }) => cellOf(lon, lat));
    this.states.want(new Set(cells));
    const things = [
      ...devices.map((each, index) => asThing('device', each, this.states.of(cells[index], each.code))),
      ...facilities.map((each) => asThing('facility', each)),
    ];
    const known = things.filter(({ state }) => state !== null);
    return {
      waiting: known.length < things.length,
      shown: choice.silent ? known.filter(({ state }) => isAbnormal(state)) : known,
    };
  }

  #grouped() {
    if (this.#things === null) {
      this.#things = this.#seen();
      this.#groups = null;
    }
    this.#groups ??= groupThings(this.#things.shown, this.#level);
    return this.#groups;
  }

  // --- pictures ----------------------------------------------------------------------------------------------

  /** Where the mark of an open card stands; null where none is open, or its place is not known yet. */
  #chosen({ what, card }) {
    if (!card || !Number.isFinite(card.lon)) return null;
    return { lon: card.lon, lat: card.lat, z: card.z ?? 0, square: what === 'facility' };
  }

  #draw(groups, chosen, { style, scale }) {
    if (style !== this.#style) this.#atlas.redraw();
    this.#style = style;
    const icons = new Map(this.store.state.devices.classes.classes.map((each) => [each.code, classIcon(each)]));
    const looks = new Map();
    const dressed = groups.map((group) => {
      const [look, how] = lookOf(group, iconOf(icons));
      looks.set(look, how);
      return { ...group, look };
    });
    const look = `chosen ${chosen?.square ?? false}`;
    if (chosen) looks.set(look, { kind: 'chosen', square: chosen.square });
    this.#atlas.need(looks);
    return markLayers(dressed, this.#atlas, { scale, style, chosen: chosen && { ...chosen, look } });
  }
}
