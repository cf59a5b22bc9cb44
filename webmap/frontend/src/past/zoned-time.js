/** Days and hours of the command centre's zone, whatever the zone of this computer. Pure. */
import { dateTime } from '../format.js';

const DAY = 86_400_000;

/** The clock of a zone read as if it were UTC: milliseconds. */
const clockOf = (at, timeZone) => Date.parse(`${dateTime(at, timeZone).replace(' ', 'T')}Z`);

/** The instant at which the clock of a zone shows `clock`; of an hour that comes twice, one of the two. */
function instantOf(clock, timeZone) {
  const guess = clock - (clockOf(clock, timeZone) - clock);
  return guess + (clock - clockOf(guess, timeZone));
}

/** "2026-11-22" of an instant. */
export const dayOf = (at, timeZone) => dateTime(at, timeZone).slice(0, 10);

/** The instant at which `hour` o'clock begins on the day of `at`, so many `days` later; 24 is the next midnight. */
export function hourOn(at, hour, timeZone, days = 0) {
  return instantOf(Date.parse(`${dayOf(at, timeZone)}T00:00:00Z`) + days * DAY + hour * 3_600_000, timeZone);
}

/** The same time of day, so many days and years later; 29 February becomes 1 March where there is none. */
export function sameTime(at, timeZone, { days = 0, years = 0 }) {
  const clock = new Date(clockOf(at, timeZone));
  clock.setUTCFullYear(clock.getUTCFullYear() + years, clock.getUTCMonth(), clock.getUTCDate() + days);
  return instantOf(clock.getTime(), timeZone) + (at % 1000);
}

/** The instant at which a day "2026-11-22" begins; NaN for what is no day. */
export function midnightOf(day, timeZone) {
  const clock = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(clock) ? NaN : instantOf(clock, timeZone);
}

/** Hours since midnight that the clock shows, with fractions. */
export function hourOf(at, timeZone) {
  const [hours, minutes, seconds] = dateTime(at, timeZone).slice(11).split(':').map(Number);
  return hours + minutes / 60 + seconds / 3600;
}
