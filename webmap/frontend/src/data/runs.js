/** What a run's record means for a person: which state, how far, how fast. */
import { instant } from '../format.js';

/** Kind of a run → picture. The word stands beside it: a state never differs by colour alone. */
export const KIND_ICONS = {
  queued: 'clock', running: 'running', cancelling: 'running', done: 'check', partial: 'partial', trial: 'trial',
  'trial-partial': 'trial', failed: 'error', cancelled: 'ban',
};

/** True while the record can still change. */
export function isActive(run) {
  return run.state === 'queued' || run.state === 'running';
}

/** True while the file of rejected rows is being written. */
export function isWriting(run) {
  return run?.reject_file?.state === 'writing';
}

/** The state as a person sees it: rejects, a dry run and a wish to cancel make a difference. */
export function kindOf(run) {
  if (run.state === 'running') return run.cancelling ? 'cancelling' : 'running';
  if (run.state !== 'done') return run.state;
  if (run.dry_run) return run.rejected > 0 ? 'trial-partial' : 'trial';
  return run.rejected > 0 ? 'partial' : 'done';
}

/** Share of the rows that are read, 0 to 1; null where the file does not announce how many there are. */
export function share(run) {
  if (!run.rows_expected) return null;
  return Math.min(1, run.rows_read / run.rows_expected);
}

/** Milliseconds from the beginning to the end, or until `now` while it runs; null before it begins. */
export function elapsed(run, now) {
  if (!run.started_at) return null;
  return Math.max(0, (run.finished_at ? instant(run.finished_at) : now) - instant(run.started_at));
}

/** Rows a second; null in the first half second, which says nothing. */
export function rate(run, now) {
  const milliseconds = elapsed(run, now);
  return milliseconds >= 500 && run.rows_read > 0 ? (run.rows_read / milliseconds) * 1000 : null;
}

/** The instant by which a run stands in the list. */
export function begun(run) {
  return run.started_at ?? run.queued_at;
}

/** Put `fresh` runs over `known` ones, by number, the newest first. */
export function merge(known, fresh) {
  const all = new Map([...known, ...fresh].map((run) => [run.id, run]));
  return [...all.values()].sort((a, b) => b.id - a.id);
}

/** True where the page of a run's details must be read again. */
export function changed(before, after) {
  return before === undefined || ['state', 'rejected', 'finished_at', 'cancelling'].some(
    (name) => before[name] !== after[name]);
}
