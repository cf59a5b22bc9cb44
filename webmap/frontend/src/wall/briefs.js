/**
 * 警情简报: what a wall knows of an alarm, whichever way it hears of it: as a brief, or, where the account may read alarms, as an
 * alarm. Down to the building and no further: a wall is read by whoever passes. Pure.
 */
import { isPending, isOpen, severityOf } from '../alarms/alarm-terms.js';
import { instant } from '../format.js';

const KEPT = ['id', 'severity', 'type', 'type_name', 'state', 'occurred_at', 'received_at', 'lon', 'lat', 'building_id', 'building_name',
  'grid_code', 'grid_name', 'area_code'];

/** @param {object} told a brief or an alarm as the stream tells them */
export function briefOf(told) {
  const brief = Object.fromEntries(KEPT.map((name) => [name, told[name] ?? null]));
  const grid = brief.grid_code;
  return {
    ...brief,
    area_code: brief.area_code ?? (grid ? grid.slice(0, 12) : null),
    shelved_until: told.shelved_until ?? (told.shelved ? true : null),
    count: told.count ?? 1,
  };
}

/** A snapshot as the store takes it, its alarms as briefs. */
export function snapshotOf(snapshot) {
  return { ...snapshot, alarms: (snapshot.briefs ?? snapshot.alarms ?? []).map(briefOf) };
}

/** Whether it takes the picture: critical, and nobody has acknowledged it or put it aside. */
export const takes = (brief) => isOpen(brief) && isPending(brief) && severityOf(brief) === 'critical';

/** Milliseconds since 1970 at which the server took it in; its own time where that is not told. */
export const toldAt = (brief) => instant(brief.received_at ?? brief.occurred_at) || 0;
