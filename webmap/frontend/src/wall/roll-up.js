/**
 * 态势汇总: counts of every place from the whole jurisdiction down to the grid, kept up as the stream tells of grids. Pure.
 *
 * A place is as bad as the worst in it: its state is the worst open alarm among all below it, and it blinks while one of
 * that kind waits for somebody. What is told is always the whole of a grid, so that a message heard twice does no harm.
 */
import { SEVERITIES } from '../alarms/alarm-terms.js';

/** Digits of a place's code by its level, from the widest. */
export const LEVELS = { county: 6, street: 9, community: 12, grid: 15 };

const WIDTHS = [0, ...Object.values(LEVELS)];

/** Codes of what lies in no place of its level: their last digits are zeros. */
const isNone = (code, digits) => /^0+$/.test(code.slice(digits - 3, digits));

/** The worst severity of which counts hold any under a prefix of names; null for none. */
export const worstOf = (counts, prefix) => SEVERITIES.find((name) => counts[`${prefix}_${name}`] > 0) ?? null;

const add = (total, counts, sign) => {
  for (const [name, count] of Object.entries(counts)) {
    total[name] = (total[name] ?? 0) + sign * count;
    if (total[name] === 0) delete total[name];
  }
};

export class RollUp {
  /** Code of a grid → its counts. */
  #grids = new Map();

  /** First digits of a code → sums over what begins with them. */
  #sums = new Map();

  /** Level → places in the order of their codes. */
  #places = new Map();

  /** Code of a grid or first digits of a place → what it is called. */
  #names = new Map();

  /** False before the first snapshot: until then nothing is known. */
  known = false;

  /** Take in the places of a level as `/api/rollup` lists them: only their names, the counts are the stream's. */
  takePlaces(level, places) {
    const digits = LEVELS[level];
    const own = places.filter(({ code, name }) => name && !isNone(code, digits)).map(({ code, name, name_en: nameEn }) => (
      { code: code.slice(0, digits), name, name_en: nameEn ?? null }));
    this.#places.set(level, own.sort((one, other) => (one.code < other.code ? -1 : 1)));
    for (const code of [...this.#names.keys()]) if (code.length === digits) this.#names.delete(code);
    for (const place of own) this.#names.set(place.code, place);
  }

  /** Take in a snapshot's `kpi`: of grids that are not in it nothing is open. */
  takeSnapshot(kpi = []) {
    this.known = true;
    this.#grids.clear();
    this.#sums.clear();
    kpi.forEach((figures) => this.take(figures));
  }

  /** Take in what the stream tells of one grid: all of its counts, those that are 0 left out. */
  take({ code, counts }) {
    const before = this.#grids.get(code) ?? {};
    if (Object.keys(counts).length > 0) this.#grids.set(code, counts);
    else this.#grids.delete(code);
    for (const digits of WIDTHS) {
      const prefix = code.slice(0, digits);
      const total = this.#sums.get(prefix) ?? {};
      add(total, before, -1);
      add(total, counts, 1);
      if (Object.keys(total).length > 0) this.#sums.set(prefix, total);
      else this.#sums.delete(prefix);
    }
  }

  /** Counts of a place by the first digits of its code; all of it for none. */
  counts(prefix = '') {
    return this.#sums.get(prefix) ?? {};
  }

  /** What a place is called; null where it has no name here. */
  place(prefix) {
    return this.#names.get(prefix) ?? null;
  }

  /**
   * The places of a level with their states, in the order of their codes: each always stands where it stood.
   * @returns {{code, name, name_en, worst: string|null, waiting: boolean, count: number}[]} `waiting`: nobody has acknowledged
   *   some of its worst ones; `count`: of alarms of its worst severity
   */
  states(level) {
    return (this.#places.get(level) ?? []).map((place) => {
      const counts = this.counts(place.code);
      const worst = worstOf(counts, 'alarms');
      return {
        ...place, worst, waiting: worst !== null && counts[`unacknowledged_${worst}`] > 0,
        count: worst === null ? 0 : counts[`alarms_${worst}`],
      };
    });
  }

  /** The way to the worst grid, from the widest place that has a name: where somebody has to look. Empty without an alarm. */
  worstPath() {
    const path = [];
    let within = '';
    for (const level of Object.keys(LEVELS)) {
      const inside = this.states(level).filter(({ code, worst }) => code.startsWith(within) && worst !== null);
      if (inside.length === 0) return path;
      const rank = ({ worst, waiting, count }) => -SEVERITIES.indexOf(worst) * 1e7 + waiting * 1e6 + Math.min(count, 1e5);
      const next = inside.reduce((best, one) => (rank(one) > rank(best) ? one : best));
      path.push({ level, ...next });
      within = next.code;
    }
    return path;
  }
}
