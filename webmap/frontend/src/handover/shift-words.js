/** What changed since the last shift, in sentences, the most important first. Pure. */
import { SEVERITIES } from '../alarms/alarm-terms.js';
import { duration, number } from '../format.js';
import { t } from '../i18n/index.js';

const sum = (numbers) => Object.values(numbers).reduce((total, value) => total + value, 0);

/** `{ critical: 2, minor: 1 }` → "紧急 2，次要 1", the worst first. */
function bySeverity(numbers, words = number) {
  return SEVERITIES.filter((name) => name in numbers)
    .map((name) => t('shift.part', { word: t(`severity.${name}`), count: words(numbers[name]) })).join(t('shift.comma'));
}

function numbers(values) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, number(value)]));
}

/**
 * @param {object} changes as /api/shift gives them
 * @returns {string[]} sentences in the current language
 */
export function shiftSentences({ alarms, events, tasks, devices, warnings, grids }) {
  const open = Object.fromEntries(Object.entries(alarms.open).map(([name, held]) => [name, held.open]));
  const waiting = sum(Object.fromEntries(Object.entries(alarms.open).map(([name, held]) => [name, held.unacknowledged])));
  const after = Object.fromEntries(Object.entries(alarms.acknowledged_after_s).map(([name, seconds]) => [name, seconds * 1000]));
  return [
    sum(open) > 0 ? t('shift.open', { count: number(sum(open)), waiting: number(waiting), parts: bySeverity(open) }) : t('shift.open.none'),
    sum(alarms.raised) > 0 ? t('shift.raised', {
      count: number(sum(alarms.raised)), still: number(alarms.raised_still_open), parts: bySeverity(alarms.raised),
    }) : t('shift.raised.none'),
    t('shift.steps', numbers(alarms.steps)),
    ...(Object.keys(after).length > 0 ? [t('shift.answered', { parts: bySeverity(after, duration) })] : []),
    ...(warnings.in_force.length === 0 ? [t('shift.warnings.none')]
      : warnings.in_force.map(({ event, area_desc: area }) => t('shift.warning', { event, area: area ?? '—' }))),
    t('shift.events', numbers({ received: events.received, done: events.done, open: events.open, overdue: events.overdue })),
    t('shift.tasks', numbers(tasks)),
    t('shift.devices', numbers({ fresh: 0, late: 0, lost: 0, unknown: 0, ...devices })),
    ...(grids.redrawn > 0 ? [t('shift.grids', numbers(grids))] : []),
  ];
}
