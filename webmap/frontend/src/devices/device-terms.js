/** What kinds, states and classes of devices and facilities mean for a person: which is worse, which picture. Pure. */
import { number } from '../format.js';
import { named } from '../i18n/index.js';

/** How a device is, the worst first. */
export const FRESHNESS = ['lost', 'late', 'unknown', 'fresh'];

/** How a facility is, the worst first. */
export const FACILITY_STATES = ['missing', 'damaged', 'normal'];

/** A mark looks by how much is wrong, whatever it stands for: 3 lost or missing, 2 late or damaged, 1 not known, 0 nothing. */
const RANKS = { lost: 3, missing: 3, late: 2, damaged: 2, unknown: 1, fresh: 0, normal: 0 };

export const rankOf = (state) => RANKS[state] ?? 1;

/** Silent too long, or not as it should be: what is left when one asks for that alone. */
export const isAbnormal = (state) => rankOf(state) >= 2;

const KIND_ICONS = {
  camera: 'camera', elevator: 'lift', smoke: 'smoke', gas: 'gas', water_meter: 'water', access_control: 'door',
  manhole: 'manhole', power_meter: 'power', heat_meter: 'warmth', temperature: 'warmth',
};

/** The picture of a kind of devices. */
export const kindIcon = (kind) => KIND_ICONS[kind] ?? 'sensor';

/** Words in the names that cities give to their classes, with the picture of each; the first that fits. */
const CLASS_ICONS = [
  [/井盖|窨井/, 'manhole'], [/消火栓|消防栓/, 'hydrant'], [/除颤|急救/, 'health'], [/信号灯|红绿灯/, 'traffic'], [/路灯|照明/, 'lamp'],
  [/充电|电力|变电/, 'power'], [/公交|站亭/, 'bus'], [/护栏|隔离/, 'fence'], [/厕/, 'toilet'], [/垃圾|果皮箱/, 'bin'], [/树|绿/, 'tree'],
  [/避难/, 'shelter'], [/人防|防空/, 'shield'],
];

/** The picture of a class of facilities, `{ name, role }`: by what it is to rescuers, else by its name. */
export function classIcon({ name, role } = {}) {
  return role ?? CLASS_ICONS.find(([words]) => words.test(name ?? ''))?.[1] ?? 'facility';
}

/** Sums of `{ fresh, late, lost, unknown, total }` over kinds. */
export function totals(kinds) {
  const sum = { fresh: 0, late: 0, lost: 0, unknown: 0, total: 0 };
  for (const kind of kinds) for (const name of Object.keys(sum)) sum[name] += kind[name];
  return sum;
}

/**
 * Counts by kind after one device of a kind has changed. A kind that is not among them, or a count that would fall below
 * nothing, is for the next reading: null.
 */
export function counted(kinds, { kind, was, freshness }) {
  const known = kinds.find((each) => each.kind === kind);
  if (!known || !(known[was] > 0) || !(freshness in known)) return null;
  if (was === freshness) return kinds;
  const changed = { ...known, [was]: known[was] - 1, [freshness]: known[freshness] + 1 };
  return kinds.map((each) => (each === known ? changed : each));
}

/** A value of a quantity: what is no measure has words for its values. */
export function valueWords(value, { words = {} }) {
  const [name, nameEn] = words[String(value)] ?? [];
  return name ? named({ name, name_en: nameEn }) : typeof value === 'number' ? number(value, 3) : value;
}
