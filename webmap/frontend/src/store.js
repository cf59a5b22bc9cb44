/**
 * The one live state of the page, bounded in size.
 *
 * Changes are merged: however many messages arrive, subscribers hear of them once per animation frame, with the
 * set of topics that changed. A hidden page draws no frame, so it hears nothing until it is shown again, while
 * the state itself stays current.
 */
import { countBySeverity, isOpen, isPending, rank, SEVERITIES } from './alarms/alarm-terms.js';
import { instant } from './format.js';
import { atFirst } from './page-state.js';
import { inOrder, isInForce } from './warnings/warning-terms.js';

export const MAX_ALARMS = 5000;
export const MAX_RECENT_EVENTS = 2000;

/** Twice what a snapshot holds. */
export const MAX_WARNINGS = 200;

/** Figures of a place (`kpi`): those that together are its open alarms, and those that nobody has acknowledged. */
const OPEN_FIGURES = [...SEVERITIES, 'shelved'].map((name) => `alarms_${name}`);
const PENDING_FIGURES = SEVERITIES.map((name) => `unacknowledged_${name}`);

export class Store {
  #subscribers = new Set();
  #changed = new Set();
  #scheduled = false;

  /** Closed ones of late: what is told of them again, or arrives late, changes nothing; none is ever open again. */
  #closed = new Set();

  /** Not all open alarms are kept here: the server's figures say how many there are. */
  #partial = false;

  /** Code of a grid → its figures, as the server counts them. */
  #figures = new Map();

  /** `nextFrame(callback)` calls back before the next picture; the browser's requestAnimationFrame. */
  constructor({ nextFrame, initial = {} }) {
    this.nextFrame = nextFrame;
    /** id → alarm object, open ones only. */
    this.alarms = new Map();
    this.alarmsKnown = false;
    /** id → warning (预警), those in force only. */
    this.warnings = new Map();
    /** Events that arrived while the page is open, newest last. */
    this.events = [];
    this.state = { ...atFirst(), ...initial };
  }

  /** Call `listener(topics)` after changes in any of `topics`. Returns the function that ends it. */
  subscribe(topics, listener) {
    const entry = { topics: new Set(topics), listener };
    this.#subscribers.add(entry);
    return () => this.#subscribers.delete(entry);
  }

  /** Merge `changes` into the state and announce `topic`. */
  set(topic, changes) {
    Object.assign(this.state, changes);
    this.touch(topic);
  }

  /** Announce that something under `topic` changed. */
  touch(topic) {
    this.#changed.add(topic);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.nextFrame(() => this.#announce());
  }

  #announce() {
    const topics = this.#changed;
    this.#changed = new Set();
    this.#scheduled = false;
    for (const entry of [...this.#subscribers]) {
      if ([...topics].some((topic) => entry.topics.has(topic))) entry.listener(topics);
    }
  }

  /** The server's clock in milliseconds since 1970; a wrong clock on this computer does no harm. */
  now() {
    return Date.now() + this.state.serverOffset;
  }

  setServerTime(time) {
    const server = instant(time);
    if (Number.isFinite(server)) this.state.serverOffset = server - Date.now();
  }

  /** Replace everything live by a snapshot: `{ alarms, warnings?, kpi?, counts? }`; it may hold fewer alarms than are counted. */
  applySnapshot({ alarms = [], warnings = [], kpi = [], counts }) {
    const open = alarms.filter(isOpen);
    // A step that was taken here may have closed one that the snapshot, made before, has as open.
    const kept = open.filter(({ id }) => !this.#closed.has(id));
    this.alarms = new Map(kept.map((alarm) => [alarm.id, alarm]));
    this.alarmsKnown = true;
    this.#partial = (counts?.alarms ?? 0) > open.length;
    this.#figures.clear();
    kpi.forEach((figures) => this.applyFigures(figures));
    this.#bound();
    if (counts) this.applyCounts(counts);
    this.touch('alarms');
    this.warnings.clear();
    warnings.forEach((warning) => this.applyWarning(warning));
    this.touch('warnings');
  }

  /** Put in, replace or remove one alarm. */
  applyAlarm(alarm) {
    if (this.#closed.has(alarm.id)) return;
    if (!isOpen(alarm)) this.#remember(alarm.id);
    if (isOpen(alarm)) this.alarms.set(alarm.id, alarm);
    else this.alarms.delete(alarm.id);
    this.#bound();
    this.touch('alarms');
  }

  /** Take in those of a later snapshot that are not known here: whatever is known, the stream knows better. */
  addLeftOut({ alarms = [], counts }) {
    for (const alarm of alarms) {
      if (!this.#closed.has(alarm.id) && !this.alarms.has(alarm.id)) this.alarms.set(alarm.id, alarm);
    }
    this.#partial = (counts?.alarms ?? 0) > alarms.length;
    this.#bound();
    this.touch('alarms');
  }

  /** Take in open alarms that an answer about a building or a device told: those that are known here the stream knows better. */
  addTold(alarms) {
    const told = (alarms ?? []).filter((alarm) => isOpen(alarm) && !this.#closed.has(alarm.id) && !this.alarms.has(alarm.id));
    if (told.length === 0) return;
    for (const alarm of told) this.alarms.set(alarm.id, alarm);
    this.#bound();
    this.touch('alarms');
  }

  /** Take in the figures of one grid: `{ code, counts }`, where those that are 0 are left out. */
  applyFigures({ code, counts }) {
    this.#figures.set(code, counts);
    if (this.#partial) this.touch('alarms');
  }

  #remember(id) {
    this.#closed.add(id);
    if (this.#closed.size > MAX_ALARMS) this.#closed.delete(this.#closed.values().next().value);
  }

  /**
   * Put in or replace a warning that is in force, take out any other. Nothing is remembered of those that went: what
   * becomes of a warning the server works out anew with each message, and one that was cancelled may be in force again.
   */
  applyWarning(warning) {
    if (isInForce(warning, this.now())) this.warnings.set(warning.id, warning);
    else this.warnings.delete(warning.id);
    if (this.warnings.size > MAX_WARNINGS) {
      for (const { id } of inOrder(this.warnings.values()).slice(MAX_WARNINGS)) this.warnings.delete(id);
    }
    this.touch('warnings');
  }

  /** Take out the warnings whose time is over. */
  endWarnings() {
    for (const warning of [...this.warnings.values()]) this.applyWarning(warning);
  }

  applyEvent(event) {
    // Each step of an event's life comes as the whole of it: here it stands once.
    const known = this.events.findIndex((one) => one.id === event.id);
    if (known >= 0) this.events[known] = event;
    else this.events.push(event);
    if (this.events.length > MAX_RECENT_EVENTS) this.events.splice(0, this.events.length - MAX_RECENT_EVENTS);
    this.touch('events');
  }

  applyCounts(counts) {
    this.state.counts = { ...this.state.counts, ...counts };
    this.touch('counts');
  }

  /** The alarms that the screen shows: those open now, or at the instant that is looked back at. */
  shownAlarms() {
    return this.state.past.on ? this.state.past.alarms : [...this.alarms.values()];
  }

  /** How many alarms are open, including those that are not kept on this page. */
  openAlarms() {
    if (!this.alarmsKnown) return this.state.counts.alarms;
    return this.alarms.size + this.alarmsDropped;
  }

  /** How many open alarms exist beyond those kept here; figures follow the alarms within half a second. */
  get alarmsDropped() {
    return this.#partial ? Math.max(0, this.#sum(OPEN_FIGURES) - this.alarms.size) : 0;
  }

  /** How many of the open alarms nobody has acknowledged, those that are not kept here among them. */
  pendingAlarms() {
    return this.alarmsDropped > 0 ? this.#sum(PENDING_FIGURES) : [...this.alarms.values()].filter(isPending).length;
  }

  /** The open alarms by severity, those that are not kept here among them. */
  alarmsBySeverity() {
    if (this.alarmsDropped === 0) return countBySeverity(this.alarms.values());
    return Object.fromEntries(SEVERITIES.map((name) => [name, this.#sum([`alarms_${name}`])]));
  }

  #sum(names) {
    let sum = 0;
    for (const counts of this.#figures.values()) for (const name of names) sum += counts[name] ?? 0;
    return sum;
  }

  /** Keep at most MAX_ALARMS: what needs a person least goes first, then what is oldest. */
  #bound() {
    const excess = this.alarms.size - MAX_ALARMS;
    if (excess <= 0) return;
    // Dropping a tenth at once keeps a flood from sorting five thousand alarms for every new one.
    const ordered = [...this.alarms.values()].sort((a, b) => rank(b) - rank(a));
    for (const alarm of ordered.slice(MAX_ALARMS - Math.floor(MAX_ALARMS / 10))) this.alarms.delete(alarm.id);
    this.#partial = true;
  }
}
