/** Groups of alarms (告警分组) and floods (告警洪水). Pure: alarms in, groups out. */
import { isOpen, isUnacknowledged, rank, SEVERITIES, severityOf } from './alarm-terms.js';
import { isShelved } from './alarm-steps.js';
import { instant } from '../format.js';

/** A flood is over when fewer than this many new alarms come within the window (ISA-18.2). */
export const CALM = 5;

/**
 * Whether the list shows groups: from the server's word on until it is calm, so that it does not change back and forth.
 * @param {boolean} was whether it does now
 * @param {{flood: boolean, new: number}} answer of /api/alarms/flood
 */
export function floodGoesOn(was, answer) {
  return answer.flood || (was && answer.new >= CALM);
}

const received = (alarm) => instant(alarm.received_at ?? alarm.occurred_at) || 0;

function build(id, members, inOrder) {
  const times = members.map(received);
  // The first one may be closed or elsewhere; then it is the first of those that are here.
  const firstOut = members.find((alarm) => alarm.id === id)
    ?? members.reduce((first, alarm) => (alarm.id < first.id ? alarm : first));
  const byUrgency = [...members].sort((a, b) => rank(b) - rank(a) || b.id - a.id);
  const alarms = inOrder ? members : [firstOut, ...byUrgency.filter((alarm) => alarm !== firstOut)];
  const ids = (test) => members.filter(test).map((alarm) => alarm.id).sort((a, b) => a - b);
  return {
    id,
    alarms,
    firstOut,
    count: members.filter(isOpen).length,
    urgency: rank(byUrgency[0]),
    worst: SEVERITIES.find((severity) => members.some((alarm) => severityOf(alarm) === severity)),
    types: [...new Set(alarms.map(({ type }) => type))],
    floors: floors(members),
    firstAt: Math.min(...times),
    lastAt: Math.max(...times),
    unacknowledged: ids(isUnacknowledged),
    active: ids((alarm) => alarm.state.startsWith('active')),
    closable: ids((alarm) => alarm.state === 'cleared_ack'),
  };
}

function floors(members) {
  const known = members.map(({ floor }) => floor).filter((floor) => Number.isInteger(floor));
  return known.length ? [Math.min(...known), Math.max(...known)] : null;
}

/**
 * Alarms by `group_id`, the most urgent group first; an alarm that nothing belongs to is a group of one.
 *
 * @param {Iterable<object>} alarms as the stream tells them; of a list that is held, also those that have left it
 * @param {{inOrder?: boolean}} [how] keep the order in which they are given, of groups and within them
 * @returns {Array<{id: number, alarms: object[], firstOut: object, count: number, urgency: number, worst: string,
 *   types: string[], floors: number[]|null, firstAt: number, lastAt: number, unacknowledged: number[], active: number[],
 *   closable: number[]}>} `alarms`: the first-out, then the most urgent first; `count`: of those that are open; `urgency`:
 *   greatest rank; times in milliseconds since 1970, the server's; `floors`: lowest and highest storey; the last three
 *   are ids: of those that nobody has acknowledged, that are not over, and that may be closed
 */
export function groupAlarms(alarms, { inOrder = false } = {}) {
  const members = new Map();
  for (const alarm of alarms) {
    const id = alarm.group_id ?? alarm.id;
    if (!members.has(id)) members.set(id, []);
    members.get(id).push(alarm);
  }
  const groups = [...members].map(([id, found]) => build(id, found, inOrder));
  return inOrder ? groups : groups.sort((a, b) => b.urgency - a.urgency || b.id - a.id);
}

/** The alarm that needs somebody most, besides some; null when there is none. Those put aside wait their time. */
export function mostUrgent(alarms, besides = []) {
  let best = null;
  for (const alarm of alarms) {
    if (isShelved(alarm) || besides.includes(alarm.id)) continue;
    if (best === null || rank(alarm) > rank(best)) best = alarm;
  }
  return best;
}
