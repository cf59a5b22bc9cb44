/** The time window of events: a preset that moves with the clock, or two fixed instants. Pure. */
import { hourOn, sameTime } from '../past/zoned-time.js';

const HOUR = 3_600_000;

/** A night goes from evening to morning. */
const EVENING = 18;
const MORNING = 8;

const ago = (length) => (now) => ({ from: now - length, to: now });

/** What each preset means at an instant, in the command centre's zone. */
const MEANINGS = {
  // Last night is the one that began yesterday; before its morning it is still going on.
  night: (now, zone) => ({ from: hourOn(now, EVENING, zone, -1), to: Math.min(hourOn(now, MORNING, zone), now) }),
  shift: (now, zone, shifts) => {
    const changes = [-2, -1, 0].flatMap((days) => shifts.map((text) => {
      const [hours, minutes] = text.split(':').map(Number);
      return hourOn(now, hours + minutes / 60, zone, days);
    }));
    const [to, from] = changes.filter((at) => at <= now).sort((one, other) => other - one);
    return { from, to };
  },
  '24h': ago(24 * HOUR),
  '7d': ago(168 * HOUR),
  '30d': ago(720 * HOUR),
  '90d': ago(2160 * HOUR),
};

export const PRESETS = Object.keys(MEANINGS);

/** The slider reaches this far back. */
export const REACH = 2160 * HOUR;

/**
 * The instants of a window in milliseconds since 1970; `following` when it goes on to take in what happens.
 * @param {object} timeWindow { preset } or { from, to }
 * @param {number} now
 * @param {string} zone of the command centre
 * @param {string[]} shifts times of day at which shifts change, such as "08:00"
 */
export function resolveWindow(timeWindow, now, zone, shifts) {
  if (!timeWindow.preset) return { from: timeWindow.from, to: timeWindow.to, following: false };
  const { from, to } = MEANINGS[timeWindow.preset](now, zone, shifts);
  return { from, to, following: to === now };
}

/**
 * Count `times` (milliseconds since 1970) into `bars` equal parts of [from, to). Times outside the window are not counted.
 */
export function histogram(times, from, to, bars) {
  const counts = new Array(bars).fill(0);
  const width = (to - from) / bars;
  for (const at of times) {
    const index = Math.floor((at - from) / width);
    if (at < to && index >= 0 && index < bars) counts[index] += 1;
  }
  return counts;
}

/** Windows to compare with: the one before, and the same one a week or a year ago. */
export const COMPARISONS = ['before', 'week', 'year'];

/** The second window; a week and a year ago by the zone's clock: eight in the morning stays so. */
export function comparedWindow(kind, { from, to }, zone) {
  if (kind === 'before') return { from: from - (to - from), to: from };
  const back = kind === 'week' ? { days: -7 } : { years: -1 };
  return { from: sameTime(from, zone, back), to: sameTime(to, zone, back) };
}
