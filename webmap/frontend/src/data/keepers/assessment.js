/** 考核: periods, columns and the order of rows. Pure. */
import { dayOf, midnightOf } from '../../past/zoned-time.js';

const DAY_MS = 86_400_000;

/** What the table shows, in order; `share`: 0 to 1; `seconds`: a length of time. */
export const COLUMNS = [
  { name: 'events_open' }, { name: 'events_overdue', bad: true }, { name: 'events_new' }, { name: 'events_done' },
  { name: 'events_on_time_share', share: true }, { name: 'accept_mean_s', seconds: true }, { name: 'finish_mean_s', seconds: true },
  { name: 'tasks_open' }, { name: 'tasks_overdue', bad: true }, { name: 'tasks_new' }, { name: 'tasks_done' },
  { name: 'tasks_on_time_share', share: true },
  { name: 'area_share', share: true, coverage: true }, { name: 'building_share', share: true, coverage: true },
];

export const PERIODS = ['week', 'month', 'this', 'last', 'own'];

/** What coverage asks of the server: so many grids, days, and grids times days at once. */
const COVERAGE = { grids: 60, days: 31, gridDays: 120 };

/** First day of the month of a day "2026-11-22", so many months before. */
function monthOf(day, back = 0) {
  const [year, month] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 10);
}

/**
 * The days of a period, both ends with it, as the command centre counts days.
 * @param {string} period one of PERIODS
 * @param {{from: string, to: string}} own days of the period that a person names
 */
export function daysOf(period, now, timeZone, own) {
  const today = dayOf(now, timeZone);
  const back = (days) => dayOf(midnightOf(today, timeZone) + DAY_MS / 2 - days * DAY_MS, timeZone);
  if (period === 'week') return { from: back(6), to: today };
  if (period === 'this') return { from: monthOf(today), to: today };
  if (period === 'last') return { from: monthOf(today, 1), to: new Date(Date.parse(`${monthOf(today)}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10) };
  if (period === 'own' && own.from && own.to) return own;
  return { from: back(29), to: today };
}

/** The instants of some days, the end not with them; null where the first is after the last, or one is no day. */
export function windowOf({ from, to }, now, timeZone) {
  const [start, last] = [midnightOf(from, timeZone), midnightOf(to, timeZone)];
  const end = Math.min(last + DAY_MS, now);
  return Number.isFinite(start) && start < end ? { start, end } : null;
}

/** How many rows coverage may be asked of at once; 0 where the period is too long for it. */
export function coveragePage({ start, end }) {
  const days = Math.ceil((end - start) / DAY_MS);
  return days > COVERAGE.days ? 0 : Math.min(COVERAGE.grids, Math.floor(COVERAGE.gridDays / days));
}

/** Rows in the order of a column; who has no value is last, whichever way. */
export function ordered(rows, { by, down }, collator = new Intl.Collator('zh')) {
  const sign = down ? -1 : 1;
  const named = (one, other) => collator.compare(one.name ?? '', other.name ?? '') || (one.code < other.code ? -1 : 1);
  if (by === 'name') return [...rows].sort((one, other) => sign * named(one, other));
  const none = (row) => row[by] === null || row[by] === undefined;
  return [...rows].sort((one, other) => none(one) - none(other) || (none(one) ? 0 : sign * (one[by] - other[by])) || named(one, other));
}

/** Sums of the counts of all rows, and shares of the sums: those of some rows are not averaged. */
export function totals(rows) {
  const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
  const counts = Object.fromEntries(COLUMNS.filter(({ share, seconds }) => !share && !seconds).map(({ name }) => [name, sum(name)]));
  const [withDeadline, tasksDone] = [sum('events_with_deadline'), sum('tasks_done')];
  return { ...counts, events_on_time_share: withDeadline ? sum('events_on_time') / withDeadline : null,
    tasks_on_time_share: tasksDone ? sum('tasks_on_time') / tasksDone : null };
}
