/** 录入率: what a rate means, in which order places stand, what goes into the file. Pure. */
import { stepIndex } from '../../map/scene-functions.js';

export const KINDS = ['population', 'housing', 'legal_entities', 'geography'];

/** Digits of a code that name a place of a level; codes of areas are filled up with zeros. */
const DIGITS = { county: 6, street: 9, community: 12, grid: 15 };

/** The digits by which a place is asked for. */
export const codeOf = ({ level, code }) => code.slice(0, DIGITS[level]);

/** The digits of the place above; '' for the whole jurisdiction, of which there may be several. */
export const above = (within, trail) => trail.filter(({ code }) => code.length < within.length).at(-1)?.code ?? '';

/**
 * What a rate says. `known`: a share; `over`: more than was declared, so that the declaration is out of date; `unknown`: nobody
 * has declared a total; `nothing`: none was declared, and none is on record; `classed`: only its class is for this account.
 * @returns {{state: string, value: number|null}} `value`: the share, of `classed` the lower end of its class
 */
export function reading({ rate, rate_class: low, numerator, denominator }) {
  if (rate !== null) return { state: rate > 1 ? 'over' : 'known', value: rate };
  if (low !== null) return { state: 'classed', value: low };
  if (denominator === 0) return numerator > 0 ? { state: 'over', value: null } : { state: 'nothing', value: null };
  return { state: 'unknown', value: null };
}

/** "78%": cut and not rounded, so that 99.7 % is not all. */
export const shareText = (value, format) => `${format(Math.floor(value * 100 + 1e-9))}%`;

/** The rate of one kind of a place. */
export const rateOf = (place, kind) => place.rates.find((rate) => rate.kind === kind);

/** Number of the class of a legend in which a share lies. */
export const classOf = (value, legend) => stepIndex(value, legend.classes.slice(1).map(({ from }) => from));

/** How many places each class holds, and of how many the rate is unknown. */
export function counted(places, kind, legend) {
  const classes = legend.classes.map(() => 0);
  let none = 0;
  for (const place of places) {
    const { value } = reading(rateOf(place, kind));
    if (value === null) none += 1;
    else classes[classOf(value, legend)] += 1;
  }
  return { classes, none };
}

/** Places in the order of a column, `name` or a kind; what has no share is last, whichever way. */
export function ordered(places, { by, down }, collator = new Intl.Collator('zh')) {
  const sign = down ? -1 : 1;
  const named = (one, other) => collator.compare(one.name ?? one.code, other.name ?? other.code) || (one.code < other.code ? -1 : 1);
  if (by === 'name') return [...places].sort((one, other) => sign * named(one, other));
  const share = new Map(places.map((place) => [place, reading(rateOf(place, by)).value]));
  return [...places].sort((one, other) => (share.get(one) === null) - (share.get(other) === null)
    || sign * ((share.get(one) ?? 0) - (share.get(other) ?? 0)) || named(one, other));
}

/** Places of which nobody has declared a total of a kind. */
export const undeclared = (places, kind) => places.filter((place) => reading(rateOf(place, kind)).state === 'unknown');

/** Rows of a file to be filled in: a line for each place without a total, as `shapan import expected` takes it. */
export const declarationRows = (places, kind, day) => undeclared(places, kind).map(({ code }) => [code, kind, '', '', day]);
export const DECLARATION_HEADS = ['place_code', 'kind', 'value', 'source', 'as_of'];
