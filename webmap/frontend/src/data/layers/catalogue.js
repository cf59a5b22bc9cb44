/** 图层目录: how old data is in words, and in which order layers stand. Pure. */

/** What is worst first; what nobody expects anything of is last. */
const WORSE = ['lost', 'late', 'unknown', 'fresh'];

/** Icon of each state: it differs by shape before it differs by colour. */
export const FRESHNESS_ICONS = { fresh: 'check', late: 'clock', lost: 'partial', unknown: 'pending' };

export const worstFirst = (layers) => [...layers].sort((one, other) => WORSE.indexOf(one.freshness) - WORSE.indexOf(other.freshness));

/** How many layers are in each state, those that are not 0, the worst first: `[state, count]`. */
export const byState = (layers) => WORSE.map((state) => [state, layers.filter(({ freshness }) => freshness === state).length])
  .filter(([, count]) => count > 0);

/** A length of time in its largest unit that says it: 0.04 days → ['hours', 1], 90 → ['days', 90], 1825 → ['years', 5]. */
export function interval(days) {
  if (days >= 730 && days % 365 === 0) return ['years', days / 365];
  if (days >= 1) return ['days', Math.round(days * 10) / 10];
  if (days >= 1 / 24) return ['hours', Math.round(days * 24 * 10) / 10];
  return ['minutes', Math.round(days * 1440)];
}
