/** What a building taken apart shows: states of rooms, which of them an alarm lights, which lie on its riser. Pure. */
import { countBySeverity, rank } from '../alarms/alarm-terms.js';
import { countStates } from '../buildings/room-states.js';

/** Whether an alarm says where in its building it is. */
export const isInside = ({ building_id: building, room, floor }) => Boolean(building) && (Boolean(room) || Number.isFinite(floor));

/** The room of an alarm by its numbers; undefined when it names none, or one that is not on record. */
export function roomOf({ unit, room }, { units, rooms }) {
  if (!room) return undefined;
  const { id } = units.find(({ number }) => number === unit) ?? {};
  return rooms.find((one) => one.unit === id && one.number === room);
}

/**
 * What alarms light in a building.
 * @param {Iterable<object>} alarms open ones of this building
 * @param {{units: object[], rooms: object[]}} contents as the server tells them
 * @returns {{rooms: Map<number, object>, storeys: Map<string, object>}} the worst alarm of each room by its id, and of each
 *   part of a storey, by storeyKey, where no room is known
 */
export function litBy(alarms, contents) {
  const [rooms, storeys] = [new Map(), new Map()];
  const worst = (map, key, alarm) => {
    const before = map.get(key);
    if (!before || rank(alarm) > rank(before)) map.set(key, alarm);
  };
  for (const alarm of alarms) {
    const room = roomOf(alarm, contents);
    if (room) worst(rooms, room.id, alarm);
    else if (Number.isFinite(alarm.floor)) {
      const unit = contents.units.find(({ number }) => number === alarm.unit)?.id ?? null;
      worst(storeys, storeyKey(alarm.floor, unit), alarm);
    }
  }
  return { rooms, storeys };
}

/**
 * How many rooms are in each state; one that an alarm lights counts by that alone, as it is drawn.
 * @param {object[]} rooms those that are shown
 * @param {object[]} alarms open ones of the building
 * @param {{units: object[], rooms: object[]}} contents of the building
 * @returns {{states: Record<string, number>, lit: Record<string, number>, elsewhere: number}} `lit`: rooms by the severity of
 *   their worst alarm; `elsewhere`: alarms of the building that are in no room
 */
export function countRooms(rooms, alarms, contents) {
  const { rooms: worst } = litBy(alarms, contents);
  return {
    states: countStates(rooms.filter(({ id }) => !worst.has(id))),
    lit: countBySeverity(rooms.filter(({ id }) => worst.has(id)).map(({ id }) => worst.get(id))),
    elsewhere: alarms.filter((alarm) => !roomOf(alarm, contents)).length,
  };
}

export const storeyKey = (floor, unit) => `${floor}:${unit ?? ''}`;

/** The alarm that lights a part of a storey without being one of a room there: of its unit, or of no unit. */
export const litStorey = (storeys, floor, unit) => storeys.get(storeyKey(floor, unit)) ?? storeys.get(storeyKey(floor, null));

/** Ids of the rooms above and below, as a dossier tells them; none while another alarm is open. */
export function riserRooms({ status, parts }) {
  if (status !== 'open' || !parts?.neighbours) return new Set();
  const { above, below } = parts.neighbours;
  return new Set([...above, ...below].map(({ id }) => id));
}

/** The storey that is `steps` above another one, within a building's; where none was chosen, the ground floor. */
export function stepFloor(floors, floor, steps) {
  const at = floors.indexOf(floor);
  if (at < 0) return floors.includes(1) ? 1 : floors[0];
  return floors[Math.min(floors.length - 1, Math.max(0, at + steps))];
}

/** Out of square by this much, so that two sides of the building are seen. */
const TURNED_DEG = 24;

/** The bearing from which a building's long side is seen, the nearest to the one that the map has: degrees. */
export function sideBearing(axis, bearing) {
  const turn = (angle) => ((((angle - bearing) % 360) + 540) % 360) - 180;
  const sides = [90, -90].flatMap((side) => [TURNED_DEG, -TURNED_DEG].map((skew) => turn(axis + side + skew)));
  return bearing + sides.reduce((best, one) => (Math.abs(one) < Math.abs(best) ? one : best));
}

/** Corners of what is to be seen of a building taken apart, or of one storey of it: [longitude, latitude, metres] each. */
export function placesOf({ bounds: [west, south, east, north], measures: { storey_m: storey, gap_m: gap }, floors }, floor) {
  const [first, last] = floor === null ? [0, floors.length - 1] : [floors.indexOf(floor), floors.indexOf(floor)];
  const [low, high] = [first * (storey + gap), last * (storey + gap) + storey];
  return [[west, south], [west, north], [east, south], [east, north]].flatMap((at) => [[...at, low], [...at, high]]);
}

/**
 * Which of some labels down a screen are written, so that they stand apart.
 * @param {{y: number, first: boolean}[]} labels `first`: written before all others
 * @param {number} gap pixels from one to the next
 * @returns {Set<number>} indexes
 */
export function apart(labels, gap) {
  const taken = [];
  const order = labels.map((_, index) => index).sort((a, b) => Number(labels[b].first) - Number(labels[a].first) || a - b);
  for (const index of order) {
    if (taken.every((other) => Math.abs(labels[other].y - labels[index].y) >= gap)) taken.push(index);
  }
  return new Set(taken);
}
