/** 待采集户室: the worklist by building, unit and storey; what is chosen of it; what a file and a paper hold. Pure. */
import { withPage } from '../../grids/room-groups.js';

export { withPage };

/** Rooms and buildings of one request, as many as the server takes. */
const BATCH = 1000;

const numerically = new Intl.Collator('en', { numeric: true });

/** Keys of what can be chosen: a room, or a building whose missing rooms are to be found. */
export const roomKey = (id) => `r${id}`;
export const buildingKey = (id) => `b${id}`;

/**
 * The rooms of a building, unit by unit, storey by storey, the lowest first.
 * @returns {{unit: string, storeys: {floor: number, rooms: object[]}[]}[]}
 */
export function storeysOf({ rooms }) {
  const units = Map.groupBy(rooms, ({ unit }) => unit);
  return [...units].sort(([one], [other]) => numerically.compare(one, other)).map(([unit, inUnit]) => ({
    unit,
    storeys: [...Map.groupBy(inUnit, ({ floor }) => floor)].sort(([one], [other]) => one - other)
      .map(([floor, onFloor]) => ({ floor, rooms: onFloor })),
  }));
}

/** What of the groups a filter leaves: of one building, lacking one field, not assigned yet. Groups without anything are left out. */
export function filtered(groups, { building, field, open }) {
  return groups.filter(({ code }) => !building || code === building).map((group) => {
    const rooms = group.rooms.filter((room) => (!field || room.missing.includes(field)) && (!open || room.task_id === null));
    const gaps = field ? [] : group.gaps.filter(({ task_id: task }) => !open || task === null);
    return { ...group, rooms, gaps, missing: gaps.reduce((sum, gap) => sum + gap.missing, 0) };
  }).filter(({ rooms, gaps }) => rooms.length + gaps.length > 0);
}

/** Keys of everything in a group that can be chosen: what has a survey already is left out. */
export function choosable({ id, rooms, gaps }) {
  const keys = rooms.filter(({ task_id: task }) => task === null).map((room) => roomKey(room.id));
  return gaps.some(({ task_id: task }) => task === null) ? [...keys, buildingKey(id)] : keys;
}

/** Whether of some keys all, none or a part is chosen: true, false or null. */
export function chosenOf(keys, chosen) {
  const count = keys.filter((key) => chosen.has(key)).length;
  return count === 0 ? false : count === keys.length ? true : null;
}

/** Choose all of some keys, or none where all were chosen. */
export function toggled(chosen, keys) {
  const next = new Set(chosen);
  const all = chosenOf(keys, chosen) === true;
  for (const key of keys) if (all) next.delete(key); else next.add(key);
  return next;
}

/** Requests that ask for surveys of what is chosen: `{ rooms, buildings }` each, as large as the server takes. */
export function requestsFor(chosen) {
  const ids = (letter) => [...chosen].filter((key) => key[0] === letter).map((key) => Number(key.slice(1)));
  const [rooms, buildings] = [ids('r'), ids('b')];
  const count = Math.ceil(Math.max(rooms.length, buildings.length) / BATCH);
  return Array.from({ length: count }, (_, at) => ({
    rooms: rooms.slice(at * BATCH, (at + 1) * BATCH), buildings: buildings.slice(at * BATCH, (at + 1) * BATCH),
  }));
}

/** What answers of several requests come to; positions of refusals become keys of what was refused. */
export function outcomeOf(requests, answers) {
  const keys = requests.map(({ rooms, buildings }) => [...rooms.map(roomKey), ...buildings.map(buildingKey)]);
  return {
    taken: answers.reduce((sum, { taken }) => sum + taken, 0),
    known: answers.reduce((sum, { already_known: known }) => sum + known, 0),
    refused: answers.flatMap(({ refused }, at) => refused.map(({ index, reason, cure }) => ({ key: keys[at][index], reason, cure }))),
  };
}

/** Fields that rooms of some groups lack, in the order of how many do: `[field, count]` each. */
export function lacking(groups) {
  const counts = new Map();
  for (const { rooms } of groups) for (const { missing } of rooms) for (const field of missing) counts.set(field, (counts.get(field) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}

/** Share of the rooms of a place that need no visit, 0 to 1; null where that is not known or there is nothing to be done. */
export function progress({ rooms, incomplete, missing }) {
  if (incomplete === null || rooms + missing === 0) return null;
  return (rooms - incomplete) / (rooms + missing);
}

/** Rooms still to visit in a place; null where that is not known. */
export const toVisit = ({ incomplete, missing }) => (incomplete === null ? null : incomplete + missing);

/** Lines of a file or a paper: one for each room, and one for each storey or building with rooms missing. */
export function lines(groups) {
  return groups.flatMap((group) => [
    ...storeysOf(group).flatMap(({ unit, storeys }) => storeys.flatMap(({ floor, rooms }) => rooms.map((room) => ({
      code: group.code, building: group.name, unit, floor, room: room.number, missing: room.missing, lacks: 0, assigned: room.task_id !== null,
    })))),
    ...group.gaps.map((gap) => ({
      code: group.code, building: group.name, unit: null, floor: gap.floor, room: null, missing: [], lacks: gap.missing,
      expected: gap.expected, recorded: gap.recorded, assigned: gap.task_id !== null,
    })),
  ]);
}
