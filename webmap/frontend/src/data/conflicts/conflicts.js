/** 采集核对: what a conflict of surveys says, field by field, and what can be decided about it. Pure. */
import { foundAt } from '../../survey/forms.js';

/** A value that says nothing: none, or not known. */
const blank = (value) => value === null || value === undefined || value === '' || value === 'unknown';

const same = (one, other) => one === other || (blank(one) && blank(other)) || Number(one) === Number(other);

/**
 * The fields of a conflict as they are shown: those that the form names, the storey of a room that is not on record, and of one that
 * was found at another storey than it is on record with.
 * @param {object} conflict of the server. @param {object[]} form fields with labels
 * @returns {{name: string, said: any, now: any, before: any, differs: boolean, moved: boolean}[]} `moved`: the record has changed
 *   again since the form came, from `before`
 */
export function rowsOf({ said, theirs, now, floor, number, place }, form) {
  const found = foundAt({ place });
  const storey = now !== null && found.found && !same(found.floor, now.floor) ? { floor: found.floor } : {};
  const values = now === null ? { ...said, floor, number } : { ...said, ...storey };
  return form.filter(({ name }) => name in values).map(({ name }) => {
    const stands = now?.[name] ?? null;
    const before = theirs?.[name] ?? null;
    return {
      name, said: values[name], now: stands, before,
      differs: now !== null && !same(values[name], stands), moved: now !== null && name in (theirs ?? {}) && !same(before, stands),
    };
  });
}

/** Why it stands open, as a word: of a room that is not on record, and otherwise. */
export const reasonOf = ({ reason, now, theirs }) => (now !== null ? reason : theirs === null ? `${reason}.new` : 'gone');

/** Whether the keeper's values can be taken over: there is a room, or all that names a new one. */
export const takeable = ({ now, unit, floor, number }) => now !== null || [unit, floor, number].every((part) => part !== null && part !== '');

/** What a decision sends: what was seen is what is decided about. */
export const decisionOf = ({ now }, take, remark) => ({ take, version: now?.version ?? null, remark: remark.trim() });

/** The conflict beside one that is gone from a list: the one after it, else the one before it, else none. */
export function beside(list, id) {
  const at = list.findIndex((one) => one.id === id);
  return (list[at + 1] ?? list[at - 1] ?? null)?.id ?? null;
}

/** Two pages as one list, each conflict once. */
export function joined(list, more) {
  const known = new Set(list.map(({ id }) => id));
  return [...list, ...more.filter(({ id }) => !known.has(id))];
}
