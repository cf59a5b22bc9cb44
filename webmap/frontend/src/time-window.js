/** The time window of the event heat: a preset that moves with the clock, or two fixed instants. */

const HOUR = 3_600_000;
export const PRESETS = { '24h': 24 * HOUR, '7d': 168 * HOUR, '30d': 720 * HOUR, '90d': 2160 * HOUR };

/** The slider reaches this far back. */
export const REACH = PRESETS['90d'];

/** The instants of a window in milliseconds since 1970, with `now` as the end of a preset. */
export function resolveWindow(timeWindow, now) {
  if (timeWindow.preset) return { from: now - PRESETS[timeWindow.preset], to: now };
  return { from: timeWindow.from, to: timeWindow.to };
}

/**
 * Count `times` (seconds since 1970) into `bars` equal parts of [from, to) given in milliseconds.
 * Times outside the window are not counted.
 */
export function histogram(times, from, to, bars) {
  const counts = new Array(bars).fill(0);
  const width = (to - from) / bars;
  for (const seconds of times) {
    const index = Math.floor((seconds * 1000 - from) / width);
    if (index >= 0 && index < bars) counts[index] += 1;
  }
  return counts;
}
