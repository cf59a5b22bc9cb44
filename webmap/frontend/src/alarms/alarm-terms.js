/** What the words of an alarm mean for a person: which is worse, which still needs someone, which picture. */
import { instant } from '../format.js';

/** From worst to least. */
export const SEVERITIES = ['critical', 'major', 'minor', 'warning', 'info'];

const TYPE_ICONS = {
  elevator_trapped: 'lift',
  elevator_fault: 'lift',
  smoke: 'smoke',
  gas: 'gas',
  fire_door: 'door',
  door_forced: 'door',
  camera_offline: 'camera-off',
  manhole_open: 'manhole',
  manhole_moved: 'manhole',
  water_leak: 'water',
  water_pressure: 'water',
  device_offline: 'device-off',
  battery_low: 'battery',
};

/** A closed alarm leaves the screen; every other state is still somebody's business. */
export function isOpen(alarm) {
  return alarm.state !== 'closed';
}

/** True while nobody has acknowledged it. */
export function isUnacknowledged(alarm) {
  return alarm.state === 'active_unack' || alarm.state === 'cleared_unack';
}

/** True while it waits for somebody: the only ones that pulse. One that is put aside (搁置) waits its time. */
export function isPending(alarm) {
  return isUnacknowledged(alarm) && !alarm.shelved_until;
}

/** Critical, and acknowledged by nobody: this steps back from nothing. */
export const isUrgent = (alarm) => severityOf(alarm) === 'critical' && isUnacknowledged(alarm);

/** A severity this page knows; an unknown one counts as the least. */
export function severityOf(alarm) {
  return SEVERITIES.includes(alarm.severity) ? alarm.severity : 'info';
}

/** The severities that call across the room: a ring around the mark, walls in their colour. All others are told by their mark alone. */
const LOUD = ['critical', 'major'];

/** True for one that may be seen from everywhere in the room; hundreds of lesser ones at a time would hide it. */
export function isLoud(alarm) {
  return LOUD.includes(severityOf(alarm));
}

/** True where all of them are of the same building. */
export function ofOneBuilding(alarms) {
  const [{ building_id: building }] = alarms;
  return Boolean(building) && alarms.every((alarm) => alarm.building_id === building);
}

/** Greater is more urgent: what waits for somebody first, then severity, then the newer one. */
export function rank(alarm) {
  const severity = SEVERITIES.length - SEVERITIES.indexOf(severityOf(alarm));
  const at = instant(alarm.occurred_at) || 0;
  return (isPending(alarm) ? 1e16 : 0) + severity * 1e15 + at;
}

/** The name of the picture of an alarm's type; a bell for a type that is not known here. */
export function typeIcon(type) {
  return TYPE_ICONS[type] ?? 'alarm';
}

/** Newest first; equal times by id, so that the order never jumps. */
export function newestFirst(alarms) {
  return [...alarms].sort((a, b) => instant(b.occurred_at) - instant(a.occurred_at) || b.id - a.id);
}

/** How many of each severity: { critical: 2, … } with every severity present. */
export function countBySeverity(alarms) {
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0]));
  for (const alarm of alarms) counts[severityOf(alarm)] += 1;
  return counts;
}
