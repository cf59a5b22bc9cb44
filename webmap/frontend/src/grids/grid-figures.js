/**
 * 网格指标: what is known of each grid and community, and what of it a map, a list or a card shows. Pure.
 *
 * Two things come together here by the code of the place: what the server lists (`/api/grids`: names, people, entry rates)
 * and what the stream tells (`kpi`: what is open now). A value that nobody knows is null, never 0 and never all of it.
 */
import { SEVERITIES } from '../alarms/alarm-terms.js';
import { stepIndex } from '../map/scene-functions.js';

/** What grids can be coloured by; the first is nothing. */
export const FIGURES = ['none', 'entry_rate', 'events_open', 'tasks_overdue', 'alarms'];

/** What has an entry rate: 人口, 房屋, 法人, 地理. */
export const ENTRY_KINDS = ['population', 'housing', 'legal_entities', 'geography'];

/** Digits of a code by the level of its place. */
const DIGITS = { community: 12, grid: 15 };

const sum = (counts, names) => names.reduce((total, name) => total + (counts[name] ?? 0), 0);

/** How many alarms of each severity counts hold: `[severity, count]`, the worst first, without those that are 0. */
export const alarmCounts = (counts) => SEVERITIES.map((name) => [name, counts[`alarms_${name}`] ?? 0]).filter(([, count]) => count > 0);

/** How much of what was declared is on record; null where nobody has declared it. */
export const rate = (entered, declared) => (declared ? entered / declared : null);

/** A figure as a label writes it: "78%", "1,204", "—". A share is cut, not rounded: 99.7 % is not all. */
export function valueText(figure, value, format) {
  if (value === null || value === undefined) return '—';
  return figure === 'entry_rate' ? `${format(Math.floor(value * 100 + 1e-9))}%` : format(value);
}

export class GridFigures {
  /** By code, of communities and grids alike: their codes differ in length. */
  #places = new Map();

  /** Code of a grid → counts of what is open; null before the first snapshot: until then nothing is known. */
  #counts = null;

  /** Of communities, summed when somebody asks. */
  #sums = null;

  /** Another one after each change. */
  version = 0;

  /** Whether numbers of people are exact or the lower ends of classes. */
  exact = true;

  /** Take in what `/api/grids` answers for a level, in place of what was known of that level. */
  takePlaces(answer) {
    for (const code of [...this.#places.keys()]) if (code.length === DIGITS[answer.level]) this.#places.delete(code);
    const { entered, declared } = answer;
    answer.code.forEach((code, at) => {
      const place = Object.fromEntries(
        ['name', 'name_en', 'lon', 'lat', 'bounds', 'buildings', 'households', 'residents', 'keeper', 'keepers'].map(
          (name) => [name, answer[name][at]]),
      );
      const of = (numbers) => Object.fromEntries(ENTRY_KINDS.map((kind) => [kind, numbers[kind][at]]));
      const known = { entered: of(entered), declared: of(declared) };
      const rates = Object.fromEntries(ENTRY_KINDS.map((kind) => [kind, rate(known.entered[kind], known.declared[kind])]));
      this.#places.set(code, { code, level: answer.level, ...place, ...known, rates });
    });
    this.exact = answer.exact;
    this.version += 1;
  }

  /** Entry rates of one grid as they were read later than the list: `{ kind, rate }` each. */
  takeRates(code, rates) {
    const place = this.#places.get(code);
    if (!place) return;
    place.rates = Object.fromEntries(rates.map(({ kind, rate: share }) => [kind, share]));
    this.version += 1;
  }

  /** Take in a snapshot's `kpi`: nothing is open in grids that are not in it. */
  takeSnapshot(kpi = []) {
    this.#counts = new Map(kpi.map(({ code, counts }) => [code, counts]));
    this.#sums = null;
    this.version += 1;
  }

  /** Take in what the stream tells of one grid: the whole of its counts, those that are 0 left out, and what is entered. */
  take({ code, counts, entered = {} }) {
    this.#counts?.set(code, counts);
    this.#sums = null;
    for (const [kind, number] of Object.entries(entered)) this.#enter(code, kind, number);
    this.version += 1;
  }

  /** A grid has so many entered now, and its community as many more or fewer. */
  #enter(code, kind, number) {
    const grid = this.#places.get(code);
    if (!grid || (grid.entered[kind] ?? null) === null || grid.entered[kind] === number) return;
    const more = number - grid.entered[kind];
    for (const place of [grid, this.#places.get(code.slice(0, DIGITS.community))]) {
      if (!place || (place.entered[kind] ?? null) === null) continue;
      place.entered = { ...place.entered, [kind]: place.entered[kind] + more };
      place.rates = { ...place.rates, [kind]: rate(place.entered[kind], place.declared[kind]) };
    }
  }

  place(code) {
    return this.#places.get(code) ?? null;
  }

  /** The places of a level, by code. */
  places(level) {
    return [...this.#places.values()].filter((place) => place.level === level);
  }

  /** What is open in a place by name of the count; null while that is not known. */
  counts(code) {
    if (this.#counts === null) return null;
    return (code.length === DIGITS.grid ? this.#counts : this.#communities()).get(code) ?? {};
  }

  /** A community is the sum of what begins with its code: what lies in none of its grids is counted under zeros. */
  #communities() {
    if (this.#sums === null) {
      this.#sums = new Map();
      for (const [code, counts] of this.#counts) {
        const community = code.slice(0, DIGITS.community);
        const total = this.#sums.get(community) ?? {};
        for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
        this.#sums.set(community, total);
      }
    }
    return this.#sums;
  }

  /**
   * One figure of a place; null where it is not known, as of places that are seen in part.
   * @param {string} figure one of FIGURES
   * @param {string} kind of the entry rate, one of ENTRY_KINDS
   */
  value(code, figure, kind) {
    const place = this.#places.get(code);
    if (!place || figure === 'none') return null;
    if (figure === 'entry_rate') return place.rates[kind] ?? null;
    const counts = this.counts(code);
    if (counts === null) return null;
    return figure === 'alarms' ? sum(counts, SEVERITIES.map((name) => `alarms_${name}`)) : counts[figure] ?? 0;
  }

  /** How many places of a level each class of a legend holds, and of how many the figure is not known. */
  counted(level, figure, kind, legend) {
    const breaks = legend.classes.slice(1).map(({ from }) => from);
    const classes = legend.classes.map(() => 0);
    let none = 0;
    for (const { code } of this.places(level)) {
      const value = this.value(code, figure, kind);
      if (value === null) none += 1;
      else classes[stepIndex(value, breaks)] += 1;
    }
    return { classes, none };
  }

  /**
   * The grids by a figure, those first that need somebody: the lowest rate, the highest count. Unknown ones are last.
   * @returns {{code: string, name: string, value: number|null}[]}
   */
  ranked(figure, kind) {
    const sign = figure === 'entry_rate' ? 1 : -1;
    const rows = this.places('grid').map(({ code, name }) => ({ code, name, value: this.value(code, figure, kind) }));
    return rows.sort((one, other) => (one.value === null) - (other.value === null)
      || sign * ((one.value ?? 0) - (other.value ?? 0)) || (one.code < other.code ? -1 : 1));
  }
}
