/** Rooms and reasons as the cards need them: pure. */

/** Why a resident may be seen; `alarm` only where one is open in the building. */
export const REASONS = ['alarm', 'emergency', 'visit', 'case', 'verify', 'other'];

export const LEAST_WORDS = 5;
export const MOST_WORDS = 200;

/** `[{ unit, floors: [{ floor, rooms }] }]` of rooms in the server's order: by unit, storey from above, number. */
export function stacked(rooms) {
  const units = new Map();
  for (const room of rooms) {
    if (!units.has(room.unit)) units.set(room.unit, new Map());
    const floors = units.get(room.unit);
    if (!floors.has(room.floor)) floors.set(room.floor, []);
    floors.get(room.floor).push(room);
  }
  return [...units].map(([unit, floors]) => ({ unit, floors: [...floors].map(([floor, list]) => ({ floor, rooms: list })) }));
}

/** Where the arrow keys lead from `[row, column]` among rows of so many columns: the same place when there is no way. */
export function stepped([row, column], key, columns) {
  const to = { ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], ArrowUp: [row - 1, column], ArrowDown: [row + 1, column] }[key];
  if (to === undefined || columns[to[0]] === undefined || to[1] < 0) return [row, column];
  return [to[0], Math.min(to[1], columns[to[0]] - 1)];
}

/** Rooms with the alarms that the stream has told of since they were read: nobody waits for a state that is an alarm. */
export function withAlarms(rooms, buildingId, alarms) {
  const alarmed = new Set([...alarms].filter(({ building_id: id, room }) => id === buildingId && room)
    .map(({ unit, room }) => `${unit}/${room}`));
  return rooms.map((room) => (alarmed.has(`${room.unit}/${room.number}`) ? { ...room, state: 'alarm' } : room));
}

/** Open alarms of a room: alarms name unit and room by their numbers. */
export function alarmsOf(alarms, { building, room }) {
  return [...alarms].filter((alarm) => (
    alarm.building_id === building.id && String(alarm.unit) === room.unit && String(alarm.room) === room.number));
}

/** What is missing in a form, as the name of a sentence; null when it can be sent. */
export function missing({ reason, words, alarm_id: alarm }) {
  if (reason === null) return 'reveal.missing.reason';
  if (reason === 'alarm' && !alarm) return 'reveal.missing.alarm';
  if (reason === 'other' && words.replace(/\s/g, '').length < LEAST_WORDS) return 'reveal.missing.words';
  return null;
}

/** The sentence for a refusal and what goes into it. */
export function refusal({ status, retryS, faults = [] }) {
  if (status === 429) return ['reveal.refused.rate', { minutes: Math.max(1, Math.ceil((retryS ?? 0) / 60)) }];
  if (status === 422 && faults.some(({ place }) => place === 'words')) return ['reveal.refused.words', {}];
  if (status === 422 && faults.some(({ place }) => place === 'alarm_id')) return ['reveal.refused.alarm', {}];
  if (status === 403) return ['reveal.refused.permission', {}];
  if (status === 404) return ['reveal.refused.missing', {}];
  return null;
}
