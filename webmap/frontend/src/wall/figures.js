/**
 * 大数字: what the wall says in large figures, each with how it was before. Pure.
 *
 * The server's figures (`/api/kpi`) are of one instant; what is open now is told by the stream, summed in `roll-up.js`, and
 * stands in place of them. What nobody knows is null, never 0.
 */
import { SEVERITIES } from '../alarms/alarm-terms.js';

/** States of the events of a day, in the order of their life; the colour of none of them matters. */
export const EVENT_STATES = ['open', 'dispatched', 'accepted', 'rejected', 'done', 'closed'];

/** Figures that the stream keeps up. */
const LIVE = new Set([
  ...SEVERITIES.flatMap((name) => [`alarms_${name}`, `unacknowledged_${name}`]),
  'alarms_shelved', 'events_open', 'events_overdue', 'tasks_due', 'tasks_overdue',
]);

const total = (values) => (values.some((value) => value === null || value === undefined) ? null : values.reduce((sum, value) => sum + value, 0));

export class Figures {
  /**
   * @param {object|null} answer of `/api/kpi`
   * @param {Record<string, number>|null} live counts of all grids by the stream; null before the first snapshot
   */
  constructor(answer, live) {
    Object.assign(this, { answer, live });
  }

  /** A figure now. */
  value(name) {
    if (LIVE.has(name) && this.live !== null) return this.live[name] ?? 0;
    return this.answer?.measures[name]?.value ?? null;
  }

  /** The sum of some figures as they are now. */
  sum(names) {
    return total(names.map((name) => this.value(name)));
  }

  /** The sum of some figures: now, at the same hour yesterday and a week ago, and at the ends of fourteen days with today. */
  trend(names) {
    const measures = names.map((name) => this.answer?.measures[name]);
    const now = this.sum(names);
    if (measures.some((measure) => measure === undefined)) return { value: now, yesterday: null, lastWeek: null, days: [] };
    const days = measures[0].days.map(({ day }, at) => ({ day, value: total(measures.map((measure) => measure.days[at].value)) }));
    if (days.length > 0) days.at(-1).value = now;
    return {
      value: now, yesterday: total(measures.map(({ yesterday }) => yesterday)),
      lastWeek: total(measures.map(({ last_week: before }) => before)), days,
    };
  }

  /** The entry rate of each kind, as data/rates/rates.js reads them. */
  rates() {
    return (this.answer?.entry_rate ?? []).map(({ kind, rate, rate_class: low = null, numerator, denominator }) => (
      { kind, rate, rate_class: low, numerator, denominator }));
  }

  /** Whether anything is on record at all; true while that is not known. */
  get recorded() {
    if (this.answer === null) return true;
    return ['buildings', 'residents', 'devices', 'events_today'].some((name) => this.value(name) > 0);
  }

  /** Days on end without an alarm that was open at midnight, today with them; null where nobody knows. */
  calmDays() {
    const { days } = this.trend(SEVERITIES.map((name) => `alarms_${name}`));
    const { days: came } = this.trend(['alarms_today']);
    let calm = 0;
    for (let at = days.length - 1; at >= 0 && days[at].value === 0 && came[at].value === 0; at -= 1) calm += 1;
    return calm;
  }
}

/** Names of the figures that a block shows together. */
export const OPEN_ALARMS = SEVERITIES.map((name) => `alarms_${name}`);
export const OVERDUE = ['events_overdue', 'tasks_overdue'];

/** "+12", "−3", "0" against an earlier value; null where either is not known. */
export function difference(now, before) {
  return now === null || before === null || now === undefined || before === undefined ? null : now - before;
}
