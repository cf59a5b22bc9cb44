/** 今天: the server's day, in the command centre's zone, whatever the device's own clock says. Pure. */

const formats = new Map();

/** The day of an instant, as '2026-11-23'. @param {number} ms since 1970 */
export function dayOf(ms, zone) {
  if (!formats.has(zone)) formats.set(zone, new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }));
  return formats.get(zone).format(ms);
}

/**
 * What counts as done today. The server's list begins anew at midnight; a list that was read before has rooms that were done on the day before.
 * @param {object} day the list as it was read: `offset` milliseconds that the server's clock is ahead, `read_at` by the server's clock
 * @param {number} now milliseconds by the device's clock. @param {string} zone
 */
export function todayOf({ offset = 0, read_at: readAt }, now, zone) {
  const today = dayOf(now + offset, zone);
  return {
    has: ({ done_at: at }) => dayOf(Math.min(Date.parse(at), now) + offset, zone) === today,
    listed: dayOf(readAt ?? now + offset, zone) === today,
  };
}
