/** 网格员: where each was heard of last, and what that says of them now. Pure. */
import { instant } from '../format.js';

/** What a keeper may be doing, those first that somebody should look at. */
export const KEEPER_STATES = ['outside', 'silent', 'moving', 'still', 'off'];

/** Keepers that are kept. */
export const MAX_KEEPERS = 5000;

/**
 * @param {{at: string, outside: boolean|null, still: boolean}} keeper as the stream tells it
 * @param {number} now milliseconds since 1970, by the server's clock
 * @param {{fresh_s: number, off_duty_s: number}} rules as `/api/keepers` tells them
 */
export function keeperState({ at, outside, still }, now, { fresh_s: fresh, off_duty_s: off }) {
  const age = (now - instant(at)) / 1000;
  if (!(age <= off)) return 'off'; // NaN as well
  if (age > fresh) return 'silent';
  if (outside) return 'outside';
  return still ? 'still' : 'moving';
}

export class Keepers {
  /** Code → as the stream tells it, those heard of last at the end. */
  #told = new Map();

  takeSnapshot(keepers = []) {
    this.#told = new Map();
    for (const keeper of keepers.toSorted((one, other) => instant(one.at) - instant(other.at))) this.take(keeper);
  }

  take(keeper) {
    this.#told.delete(keeper.code);
    this.#told.set(keeper.code, keeper);
    if (this.#told.size > MAX_KEEPERS) this.#told.delete(this.#told.keys().next().value);
  }

  get(code) {
    return this.#told.get(code) ?? null;
  }

  /** What the map draws: code, place and state of each. */
  marks(now, rules) {
    return [...this.#told.values()].map((keeper) => ({
      code: keeper.code, lon: keeper.lon, lat: keeper.lat, state: keeperState(keeper, now, rules),
    }));
  }
}

/** How many marks are in each state. */
export function stateCounts(marks) {
  const counts = Object.fromEntries(KEEPER_STATES.map((state) => [state, 0]));
  for (const { state } of marks) counts[state] += 1;
  return counts;
}
