/**
 * 采集记录: the forms on this device and what they make of the rooms on the list. Pure.
 *
 * A form is `waiting` until the server has said what became of it: `applied`, `conflict` or `refused`. The last form of a room is
 * the one that counts here; what it saw goes with it (`base`, or `follows` another form of this device), so that the server can
 * tell what somebody else did meanwhile.
 */

export const WAITING = 'waiting';

/** Why a form was refused of which the server has nothing on record: until its keeper has seen that, this device has the only one. */
const UNRECORDED = ['unread', 'id_taken'];

/** Whether the server has a form that it answered. */
export const isRecorded = ({ state, reason }) => state !== WAITING && !(state === 'refused' && UNRECORDED.includes(reason));

/** Forms of this age with nothing left to do are forgotten; what is done today is younger in every zone. */
const KEPT_MS = 2 * 86_400_000;

const EVER = { has: () => true, listed: true };

/** What names a room here: its key on record, or its place where it has none yet. */
export const keyOf = ({ room, building, unit, number }) => (room ? `room:${room}` : `new:${building}:${unit}:${number}`);

/** A value that counts as none: empty, blank, or the word for not known. */
export const isEmpty = (value) => value === null || value === undefined || String(value).trim() === '' || value === 'unknown';

/** Names of required fields without a value. */
export const missing = (form, values) => form.filter(({ name, required }) => required && isEmpty(values[name])).map(({ name }) => name);

/** The forms of a room, in the order in which they were made. */
const formsOf = (items, key) => items.filter((item) => keyOf(item) === key && !item.closed).sort((one, other) => one.order - other.order);

/**
 * A room as this device knows it, and what the next form of it has to say of what it saw.
 * @param {object|null} room of the list; null for one that was found on the way and is not on it
 * @param {string} key as of keyOf
 * @param {object[]} items all forms of this device
 */
export function standing(room, key, items) {
  const last = formsOf(items, key).at(-1) ?? null;
  const bare = { state: null, last, follows: null, resolves: null, faults: [], theirs: null };
  if (last === null) return { ...bare, values: room?.values ?? {}, base: room?.version ?? null };
  const values = { ...room?.values, ...last.values };
  switch (last.state) {
    case WAITING:
      return { ...bare, state: WAITING, values, base: last.base, follows: last.id, resolves: last.resolves };
    case 'refused':
      return { ...bare, state: 'refused', values, base: last.base, follows: last.reason === 'faulty' ? last.id : null, faults: last.faults };
    case 'conflict':
      return { ...bare, state: 'conflict', values, base: last.version, resolves: last.id, theirs: last.theirs };
    default:
      // Another one may have changed it since: the list tells.
      return room && room.version >= last.version
        ? { ...bare, state: 'applied', values: room.values, base: room.version }
        : { ...bare, state: 'applied', values, base: last.version };
  }
}

/**
 * What of a device is one keeper's: nothing of anybody else's may be shown, followed or answered as theirs.
 * @param {object[]} items all forms of the device. @param {string|null} keeper
 * @returns {{items: object[], foreign: object[]}} theirs; and those of others that were not sent
 */
export function shared(items, keeper) {
  return {
    items: items.filter((item) => item.keeper === keeper),
    foreign: items.filter((item) => item.keeper !== keeper && item.state === WAITING),
  };
}

/** What the server is sent of a form: where a room is only if it is none on record. */
export function wire(item) {
  const place = item.room === null ? ['unit', 'floor', 'number'] : [];
  const names = ['id', 'building', 'room', ...place, 'base', 'follows', 'resolves', 'values', 'done_at', 'lon', 'lat', 'accuracy_m'];
  return Object.fromEntries(names.map((name) => [name, item[name] ?? null]));
}

/**
 * The forms of the next request of a keeper's session, the first made first. Those of another keeper stay for that one's, and one
 * that follows another goes with that or after it.
 * @param {(item: object) => boolean} [when.ready] whether it may be sent now. @param {(item: object) => boolean} [when.alone] whether
 * it has to go by itself: after all others, so that a form that fails is in nobody's way
 */
export function toSend(items, keeper, most, { ready = () => true, alone = () => false } = {}) {
  const waiting = items.filter((item) => item.state === WAITING && item.keeper === keeper).sort((one, other) => one.order - other.order);
  const left = new Set(waiting.map(({ id }) => id));
  const batch = [];
  const single = [];
  for (const item of waiting) {
    if (!ready(item) || left.has(item.follows) || batch.length === most) continue;
    if (alone(item)) {
      single.push(item);
    } else {
      batch.push(item);
      left.delete(item.id);
    }
  }
  return batch.length ? batch : single.slice(0, 1);
}

/**
 * Forms as they are after an answer: those that changed, to be kept.
 * @param {object[]} items all forms of the keeper. @param {{edits: object[], unread: object[]}} answer of the server
 * @param {object[]} sent the forms that it answers, in order. @param {number} now milliseconds
 */
export function settled(items, answer, sent, now) {
  const changed = new Map();
  const told = new Map(answer.edits.map((one) => [one.id, one]));
  const unread = new Map();
  for (const fault of answer.unread ?? []) unread.set(fault.index, [...(unread.get(fault.index) ?? []), fault]);
  sent.forEach((item, index) => {
    const one = told.get(item.id);
    if (unread.has(index)) {
      changed.set(item.id, { ...item, state: 'refused', reason: 'unread', faults: unread.get(index), settled_at: now });
    } else if (one?.outcome === 'waiting') {
      // The one that it follows is neither here nor there any more: what it saw itself has to do.
      const before = items.find(({ id }) => id === item.follows);
      if (!before || before.state !== WAITING) changed.set(item.id, { ...item, follows: null });
    } else if (one) {
      const { outcome: state, reason, version, theirs, faults } = one;
      changed.set(item.id, { ...item, state, reason, version, theirs, faults, room: item.room ?? one.room, found: item.room === null, settled_at: now });
      // A room that was found has a key on record from now on, and so have the forms that follow.
      if (item.room === null && one.room !== null) {
        for (const later of items.filter((each) => keyOf(each) === keyOf(item) && each.id !== item.id)) {
          const known = changed.get(later.id) ?? later;
          changed.set(later.id, { ...known, room: one.room });
        }
      }
    }
  });
  for (const item of [...changed.values()].filter(({ state }) => state === 'applied')) {
    for (const earlier of items) {
      const known = changed.get(earlier.id) ?? earlier;
      const over = keyOf(known) === keyOf(item) && known.order < item.order && known.state !== WAITING && !known.closed;
      if (over) changed.set(earlier.id, { ...known, closed: true });
    }
  }
  return [...changed.values()];
}

/** Conflicts of this device as they stand now, those that changed: the record may have moved on, or somebody settled one. */
export function current(items, { edits, next }) {
  const open = new Map(edits.map((one) => [one.id, one]));
  return items.filter(({ state, reason, closed }) => state === 'conflict' && reason !== 'redrawn' && !closed).flatMap((item) => {
    if (!open.has(item.id)) return next === null ? [{ ...item, closed: true }] : [];
    const { now, room, unit, floor, number } = open.get(item.id);
    // Its room went from the record: another one of that number may come, until then it is entered anew or put aside.
    if (!now) return item.gone ? [] : [{ ...item, gone: true, version: null, theirs: null, unit: unit ?? item.unit, floor: floor ?? item.floor, number: number ?? item.number }];
    if (now.version === item.version && !item.gone) return [];
    const { version, surveyed_at: _, ...theirs } = now;
    return [{ ...item, gone: false, room: room ?? item.room, version, theirs }];
  });
}

/** Ids of forms that nobody needs here any more: over since a while. What was refused or is in conflict stays. */
export const forgettable = (items, now) => items
  .filter((item) => (item.closed || item.state === 'applied') && now - (item.settled_at ?? now) > KEPT_MS).map(({ id }) => id);

/** What needs the keeper: conflicts and refused forms, the last of each room, the newest first. */
export function troubled(items) {
  const last = new Map();
  for (const item of [...items].sort((one, other) => one.order - other.order)) if (!item.closed) last.set(keyOf(item), item);
  return [...last.values()].filter(({ state }) => state === 'conflict' || state === 'refused').reverse();
}

/** What a form on record says of its storey, where it was one for a room that was not on record. @param {{place: object}} edit of the server */
export const foundAt = ({ place }) => (place && place.room === null && !isEmpty(place.floor) ? { found: true, floor: place.floor } : { found: false });

/**
 * Fields that differ between what a form says and what stands on record: `{ name, mine, theirs }` each. The storey is among them
 * where the keeper said one: of a room that was found.
 */
export function differences(item, fields) {
  const said = item.found ? { ...item.values, floor: item.floor } : item.values;
  return fields.filter(({ name }) => name in (item.theirs ?? {}) && name in said)
    .map(({ name }) => ({ name, mine: said[name], theirs: item.theirs[name] }))
    .filter(({ mine, theirs }) => String(mine ?? '') !== String(theirs ?? ''));
}

/**
 * The rooms of a building as the page shows them: those of the list, then those that were found and are not on it yet.
 * @param {{has: (item: object) => boolean, listed: boolean}} today which forms are of today, and whether the list is: see today.js
 */
export function roomsOf(building, form, items, today = EVER) {
  const listed = building.rooms.filter((room) => today.listed || !(room.done && !room.due_at && room.missing.length === 0))
    .map((room) => ({ ...room, done: room.done && today.listed, key: keyOf({ room: room.id }), found: false }));
  const known = new Set(building.rooms.map((room) => keyOf({ room: room.id })));
  for (const item of items.filter((each) => each.building === building.id && !each.closed)) {
    const key = keyOf(item);
    if (item.state === 'applied' && !today.has(item)) continue;
    if (known.has(key) || (!item.found && item.room !== null && item.state !== WAITING)) continue;
    known.add(key);
    listed.push({ id: item.room, key, unit: item.unit, floor: item.floor, number: item.number, values: {}, version: null, missing: [], due_at: null, done: false, found: true });
  }
  return listed.map((room) => {
    const stands = standing(room.found ? null : room, room.key, items);
    const lacks = missing(form, stands.values);
    const touched = room.done || stands.state === WAITING || (stands.state === 'applied' && today.has(stands.last));
    return { ...room, stands, lacks, done: touched && lacks.length === 0 && stands.state !== 'conflict' };
  });
}

/** How many rooms are done of how many; those count that were declared and not found yet. */
export function progress(building, form, items, today = EVER) {
  const rooms = roomsOf(building, form, items, today);
  const found = rooms.filter((room) => room.found && room.stands.state === WAITING).length;
  const gap = building.gaps.reduce((sum, { expected, recorded }) => sum + expected - recorded, 0);
  return { done: rooms.filter(({ done }) => done).length, total: rooms.length + Math.max(0, gap - found), gap: Math.max(0, gap - found) };
}

/** Words of what is wrong with a value before it is sent, by kind of fault; null where nothing is. The server decides. */
export function wrong({ kind, low, high, above }, value) {
  if (kind === 'text' || isEmpty(value)) return null;
  const number = Number(value);
  if (!Number.isFinite(number)) return 'number';
  if (kind === 'whole' && !Number.isInteger(number)) return 'whole';
  if ((low !== null && number < low) || (high !== null && number > high) || (above !== null && number <= above)) return 'range';
  return null;
}
