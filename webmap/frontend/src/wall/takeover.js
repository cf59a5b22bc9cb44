/**
 * 接管画面: which new critical alarm, or new severe warning, the wall shows now, and what waits. Pure: it is told the time.
 *
 * A wall that jumps with every alarm shows none of them. So what belongs together (a building or grid, and a type) is one
 * picture with a count; the newest of the worst goes first; and where more wait than anybody could follow, all of them are one
 * picture, a flood (告警洪水), which grows where it stands. Then the tour has its turn, whatever goes on.
 */
import { takes, toldAt } from './briefs.js';
import { isInForce, levelOf } from '../warnings/warning-terms.js';

/** Seconds that one picture has; and where others wait behind it, at least. */
export const SECONDS = 20;
export const LEAST_SECONDS = 8;

/** Pictures that may wait, one by one; more are a flood. */
export const MOST_WAITING = 4;

/** Times its seconds that a flood may last while it grows, and seconds that the tour has after one. */
export const FLOOD_LASTS = 3;
export const AFTER_FLOOD = 30;

/** Seconds that a picture stays whose alarms are all seen to meanwhile: long enough to read that they are. */
export const SEEN_TO = 4;

/** What came so long before the page was opened is no news. */
export const NEWS = 120_000;

const MOST_KNOWN = 6000;
const SEVERE = ['Extreme', 'Severe'];

const keyOf = ({ building_id: building, grid_code: grid, type }) => `${building ? `b${building}` : `g${grid ?? ''}`} ${type}`;

/** Whether a warning takes the picture: extreme or severe, in force, and no exercise. */
export const warns = (warning, now) => warning.real && SEVERE.includes(levelOf(warning)) && isInForce(warning, now);

export class Takeovers {
  /** Key → picture that waits: { key, kind, ids: Set, rank, at }. */
  #waiting = new Map();

  #shown = null;
  #restUntil = -Infinity;

  /** Ids that had their turn or were open before: `a7`, `w3`. */
  #known = new Set();

  /**
   * @param {object} parts
   * @param {(id: number) => object|undefined} parts.brief an open one, as it is now
   * @param {(id: number) => object|undefined} parts.warning one in force, as it is now
   * @param {number} [parts.seconds] of one picture
   */
  constructor({ brief, warning, seconds = SECONDS }) {
    Object.assign(this, { brief, warning, seconds });
  }

  /** What is open as a stream begins: `first` of the page, where only what came just now is news. */
  begin(briefs, warnings, now, { first }) {
    const old = (at) => first && now - at > NEWS;
    for (const brief of briefs) if (takes(brief)) this.#meet(`a${brief.id}`, old(toldAt(brief)), () => this.#queue(brief));
    for (const one of warnings) if (warns(one, now)) this.#meet(`w${one.id}`, old(Date.parse(one.begins_at)), () => this.#queueWarning(one));
  }

  /** A brief was told: new, or another state of a known one. */
  hear(brief) {
    if (takes(brief)) this.#meet(`a${brief.id}`, false, () => this.#queue(brief));
  }

  hearWarning(warning, now) {
    if (warns(warning, now)) this.#meet(`w${warning.id}`, false, () => this.#queueWarning(warning));
  }

  #meet(name, old, queue) {
    if (this.#known.has(name)) return;
    this.#known.add(name);
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.values().next().value);
    if (!old) queue();
  }

  #queue(brief) {
    const key = keyOf(brief);
    const shown = this.#shown;
    if (shown && (shown.key === key || shown.kind === 'flood')) {
      shown.ids.add(brief.id);
      shown.grew = true;
      return;
    }
    const group = this.#waiting.get(key) ?? { key, kind: 'alarms', ids: new Set(), rank: 0, at: 0 };
    group.ids.add(brief.id);
    group.at = Math.max(group.at, toldAt(brief));
    this.#waiting.set(key, group);
  }

  #queueWarning({ id, severity, begins_at: at }) {
    this.#waiting.set(`w${id}`, { key: `w${id}`, kind: 'warning', ids: new Set([id]), rank: SEVERE.indexOf(severity), at: Date.parse(at) || 0 });
  }

  /**
   * What has the picture now.
   * @param {number} now milliseconds of a clock that never jumps
   * @returns {object|null} `{ key, kind: 'alarms'|'warning'|'flood', briefs, warning, count, since, until, waiting, over }`: `briefs`
   *   still open, the newest first; `count` of all that it is about; `over`: all of it is seen to; null while the tour has its turn
   */
  current(now) {
    this.#forgetSeen();
    if (this.#shown !== null && now >= this.#until(now)) this.#end(now);
    if (this.#shown === null && now >= this.#restUntil) this.#next(now);
    return this.#shown === null ? null : this.#told(now);
  }

  /** Somebody has seen it: what waits goes on. */
  skip(now) {
    if (this.#shown !== null) this.#end(now);
  }

  /** How many pictures wait. */
  get waiting() {
    return this.#waiting.size;
  }

  /** What was acknowledged or ended while it waited needs no picture any more. */
  #forgetSeen() {
    for (const [key, group] of this.#waiting) {
      for (const id of group.ids) if (!this.#needs(group.kind, id)) group.ids.delete(id);
      if (group.ids.size === 0) this.#waiting.delete(key);
    }
  }

  #needs(kind, id) {
    const thing = kind === 'warning' ? this.warning(id) : this.brief(id);
    return thing !== undefined && (kind === 'warning' || takes(thing));
  }

  #until(now) {
    const { since, kind, ids, grew } = this.#shown;
    if (![...ids].some((id) => this.#needs(kind, id))) {
      this.#shown.overSince ??= now;
      return Math.min(this.#shown.overSince + SEEN_TO * 1000, since + this.seconds * 1000);
    }
    this.#shown.overSince = null;
    if (kind === 'flood') return since + this.seconds * 1000 * (grew ? FLOOD_LASTS : 1);
    const others = this.#waiting.size > 0;
    return since + (others ? Math.max(LEAST_SECONDS, this.seconds / 2) : this.seconds) * 1000;
  }

  #end(now) {
    if (this.#shown.kind === 'flood') this.#restUntil = now + AFTER_FLOOD * 1000;
    this.#shown = null;
  }

  #next(now) {
    if (this.#waiting.size === 0) return;
    const order = [...this.#waiting.values()].sort((one, other) => one.rank - other.rank || other.at - one.at);
    const alarms = order.filter(({ kind }) => kind === 'alarms');
    if (order[0].kind === 'alarms' && alarms.length > MOST_WAITING) {
      for (const { key } of alarms) this.#waiting.delete(key);
      this.#show({ key: 'flood', kind: 'flood', ids: new Set(alarms.flatMap(({ ids }) => [...ids])) }, now);
      return;
    }
    this.#waiting.delete(order[0].key);
    this.#show(order[0], now);
  }

  #show(group, now) {
    this.#shown = { ...group, since: now, grew: false, overSince: null };
  }

  #told(now) {
    const { key, kind, ids, since } = this.#shown;
    const found = kind === 'warning' ? [] : [...ids].map((id) => this.brief(id)).filter(Boolean);
    const [id] = ids;
    const needed = [...ids].filter((one) => this.#needs(kind, one)).length;
    return {
      key, kind, since, until: this.#until(now), count: ids.size, left: needed, over: needed === 0, waiting: this.#waiting.size,
      briefs: found.sort((one, other) => toldAt(other) - toldAt(one) || other.id - one.id),
      warning: kind === 'warning' ? this.warning(id) ?? null : null,
    };
  }
}

/** The briefs of a flood by place, those with most first: `[{ name, count, brief }]`, `brief` the newest of them. */
export function byPlace(briefs) {
  const places = new Map();
  for (const brief of briefs) {
    const key = brief.building_id ?? brief.grid_code ?? '';
    const place = places.get(key) ?? { count: 0, brief };
    place.count += brief.count;
    places.set(key, place);
  }
  return [...places.values()].sort((one, other) => other.count - one.count || toldAt(other.brief) - toldAt(one.brief));
}

/** Part of what a flood is about whose marks a map shows together: west, south, east, north; null where none has a place. */
export function boundsOfBriefs(briefs) {
  const placed = briefs.filter(({ lon, lat }) => Number.isFinite(lon) && Number.isFinite(lat));
  if (placed.length === 0) return null;
  const [lons, lats] = [placed.map(({ lon }) => lon), placed.map(({ lat }) => lat)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
