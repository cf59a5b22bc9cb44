/** What may be done with an alarm (处置), as `spatial/rules/alarms.py` allows it: the server has the last word. */

/** (state, step) → state: every step that changes the state. */
const AFTER = {
  active_unack: { acknowledge: 'active_ack', clear: 'cleared_unack' },
  active_ack: { clear: 'cleared_ack' },
  cleared_unack: { acknowledge: 'cleared_ack' },
  cleared_ack: { close: 'closed' },
};

/** Minutes for which an alarm is put aside at a time. */
export const SHELF_MINUTES = [15, 60, 240];

/** Longest note, in characters, as the server takes it. */
export const NOTE_MOST = 1000;

/** Alarms of one bulk call at most. */
export const BULK_MOST = 200;

/** Steps that ask for words first; the note of `clear` may stay empty. */
export const FORMS = ['comment', 'shelve', 'clear'];

/** True while it is put aside (搁置). */
export function isShelved(alarm) {
  return Boolean(alarm.shelved_until);
}

/**
 * The steps that an alarm allows, the one that brings it on first: `next` is that one, or null when it is closed.
 * @returns {{next: string|null, others: string[]}}
 */
export function allowedSteps(alarm) {
  const [next = null, ...more] = Object.keys(AFTER[alarm.state] ?? {});
  if (alarm.state === 'closed') return { next: null, others: ['comment'] };
  return { next, others: [...more, 'assign', 'comment', isShelved(alarm) ? 'unshelve' : 'shelve'] };
}

/** Whether an alarm allows a step. */
export function allows(alarm, step) {
  const { next, others } = allowedSteps(alarm);
  return next === step || others.includes(step);
}

/**
 * What a person still has to write before a step: the name of a sentence, or null.
 * @param {string} step
 * @param {{note?: string}} said
 */
export function missing(step, { note = '' }) {
  if ((step === 'comment' || step === 'shelve') && note.trim() === '') return `handling.missing.${step}`;
  return note.length > NOTE_MOST ? 'handling.missing.shorter' : null;
}

/** Lists of at most `most` ids each. */
export function batches(ids, most = BULK_MOST) {
  const found = [];
  for (let from = 0; from < ids.length; from += most) found.push(ids.slice(from, from + most));
  return found;
}
