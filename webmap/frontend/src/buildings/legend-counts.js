/** The numbers beside a legend's lines: how many buildings are in each class. Pure. */
import { severityOf } from '../alarms/alarm-terms.js';

/** By class of the legend, in its order, and `none`; null where they are not known. */
export function countsOf(legend, { classCounts, worst, buildings }) {
  if (legend.live) return ofAlarms(legend, worst, buildings);
  if (legend.layer !== 'buildings' || classCounts?.metric !== legend.metric) return null;
  return classCounts.classes.length === legend.classes.length ? classCounts : null;
}

/** Of the worst open alarm of each building. */
function ofAlarms(legend, worst, buildings) {
  const counts = new Map();
  for (const alarm of worst.values()) counts.set(severityOf(alarm), (counts.get(severityOf(alarm)) ?? 0) + 1);
  return {
    classes: legend.classes.map(({ value }) => counts.get(value) ?? 0),
    none: Number.isFinite(buildings) ? Math.max(0, buildings - worst.size) : undefined,
    total: buildings,
  };
}
