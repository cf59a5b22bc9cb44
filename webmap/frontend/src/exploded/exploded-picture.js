/** What is seen of a building taken apart: its layers, what alarms and the open dossier light in them, where things stand. */
import { litBy, riserRooms, roomOf } from './exploded-terms.js';
import { EXPLODED_ROOMS } from '../layers/exploded.js';
import { convertScene } from '../map/scene.js';

export class ExplodedPicture {
  /** deck.gl layers by id, as the server's scene describes them. */
  layers = new Map();

  #lit = { rooms: new Map(), storeys: new Map() };
  #riser = new Set();
  #seen = '';

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {import('./rise.js').Rise} parts.rise how far apart it is
   * @param {() => object} parts.ground on which it stands: base/relief.js
   */
  constructor({ store, rise, ground }) {
    Object.assign(this, { store, rise, ground });
  }

  get #state() {
    return this.store.state.exploded;
  }

  /** Take on the layers of a building. @throws {ApiError} */
  take(deck) {
    this.layers = convertScene(deck);
  }

  /** Light what alarms and the open dossier say now. */
  relight() {
    const { status, id, contents } = this.#state;
    if (status !== 'open') return;
    this.#lit = litBy(this.store.shownAlarms().filter(({ building_id: building }) => building === id), contents);
    this.#riser = riserRooms(this.store.state.dossier);
    const told = (map) => [...map].map(([key, { id: alarm, severity, state }]) => [key, alarm, severity, state].join(' ')).join();
    const seen = `${told(this.#lit.rooms)}|${told(this.#lit.storeys)}|${[...this.#riser].join()}`;
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.store.touch('exploded');
  }

  /** The worst alarm that lights a room; null for none. */
  alarmOf(room) {
    return this.#lit.rooms.get(room) ?? null;
  }

  /** All that is drawn now; null when nothing is taken apart. */
  drawn() {
    const { status, scene, contents, floor, room, hovered } = this.#state;
    if (status !== 'open') return null;
    const { getPolygon } = this.layers.get(EXPLODED_ROOMS).props;
    const { progress } = this.rise;
    const [west, south, east, north] = scene.bounds;
    const base = this.ground().base(scene.base_m, (west + east) / 2, (south + north) / 2);
    return {
      scene, contents, floor, room, hovered, lit: this.#lit, riser: this.#riser, progress, base, plans: getPolygon.plans,
      bottom: (level) => base + getPolygon.bottom(level, progress),
    };
  }

  /** Where an alarm of this building, or another thing of a storey, stands: [longitude, latitude, metres]; null for others. */
  placeOf(thing) {
    const drawn = this.drawn();
    if (drawn === null || thing.building_id !== this.#state.id) return null;
    const { scene, contents, floor: only, bottom } = drawn;
    const room = roomOf(thing, contents);
    const level = scene.floors.indexOf(room?.floor ?? thing.floor);
    if (level < 0 || only !== null && scene.floors[level] !== only) return null;
    const unit = scene.units.find(({ number }) => number === thing.unit);
    const [longitude, latitude] = scene.centres[room?.id] ?? unit?.centre ?? [thing.lon, thing.lat];
    return [longitude, latitude, bottom(level) + scene.measures.storey_m / 2];
  }
}
