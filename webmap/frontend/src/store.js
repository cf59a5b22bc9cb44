/**
 * The one live state of the page, bounded in size.
 *
 * Changes are merged: however many messages arrive, subscribers hear of them once per animation frame, with the
 * set of topics that changed. A hidden page draws no frame, so it hears nothing until it is shown again, while
 * the state itself stays current.
 */
import { isOpen, rank, SEVERITIES } from './alarms/alarm-terms.js';
import { DEVICES_AT_FIRST, NO_CAMERA, NO_THING } from './devices/device-state.js';
import { ALL } from './events/event-columns.js';
import { instant } from './format.js';
import { NO_SOURCES } from './base/sources.js';
import { NO_MEASURE } from './tools/measure-state.js';
import { NO_SEARCH } from './search/search-state.js';
import { inOrder, isInForce } from './warnings/warning-terms.js';

export const MAX_ALARMS = 5000;
export const MAX_RECENT_EVENTS = 2000;

/** Twice what a snapshot holds. */
export const MAX_WARNINGS = 200;

/** Figures of a place (`kpi`) that together are its open alarms. */
const OPEN_FIGURES = [...SEVERITIES, 'shelved'].map((name) => `alarms_${name}`);

/** No alarm is open. `parts` is the dossier as the server tells it, `form` the step that asks for words. */
export const NO_DOSSIER = {
  status: 'closed', id: null, alarm: null, note: null, parts: null, steps: null, error: null, form: null, tab: 'alarm',
};

/** No warning is open. `warning` is what the stream tells of it, `details` what the server says of its number. */
export const NO_WARNING = { status: 'closed', id: null, warning: null, details: null, error: null };

/** Grids are not coloured. `legends`: of communities and of grids; `near`: single grids are shown; `all`: all are listed. */
export const NO_CHOROPLETH = {
  figure: 'none', kind: 'population', status: 'off', error: null, legends: [], near: true, all: false,
};

/** No grid is open. `tab`: the grid itself, or the building that was opened from it; `days`, `worst`: null while asked for. */
export const NO_GRID = {
  status: 'closed', code: null, tab: 'grid', place: null, error: null, days: null, worst: null,
  rooms: { status: 'closed', groups: [], next: '', error: null },
};

/** No keeper is open. `day`: null for today. */
export const NO_KEEPER = { status: 'closed', code: null, day: null, track: null, coverage: null, error: null };

/**
 * No building is taken apart. `contents` are its rooms and `scene` its picture as the server tells them; `floor` is the one
 * storey that is shown, null for all; `room` and `hovered` are ids; `fly`: whether the camera is to go there.
 */
export const NO_EXPLODED = {
  status: 'closed', id: null, contents: null, scene: null, floor: null, room: null, hovered: null, error: null, fly: true,
};

/** No event is open. `tasks` is null for an account that may not see them. */
export const NO_EVENT = { status: 'closed', id: null, event: null, steps: [], tasks: null, error: null };

/** No second window of events stands beside the first. */
export const NO_COMPARISON = { kind: null, status: 'idle', error: null, from: 0, to: 0, complete: false };

/**
 * It is now. `picture` is what the server says of the instant `at`, `alarms` those of it; `marks` of its day; `missed`
 * the critical alarms that came meanwhile.
 */
export const NO_PAST = {
  on: false, at: null, status: 'idle', error: null, picture: null, alarms: [], marks: null, playing: false, missed: 0,
};

/**
 * No room is open. `data` is the room as the server tells it, `form` the resident whom somebody asks to see, `fault` why
 * it was refused; `revealed` holds residents as they are, each until its time is over, and nothing else here does.
 */
export const NO_HOUSEHOLD = {
  status: 'closed', id: null, data: null, error: null, form: null, busy: false, fault: null, revealed: new Map(), left: null,
};

/** No building's rooms are listed. `unit` and `state`: which of them. */
export const NO_ROOMS = { status: 'closed', buildingId: null, data: null, error: null, unit: null, state: null };

/** Topics that a subscriber may ask for. */
export const TOPICS = [
  'alarms',
  'warnings',
  'events',
  'counts',
  'connection',
  'scene',
  'view',
  'hidden',
  'card',
  'dossier',
  'warning',
  'eventView',
  'playback',
  'comparison',
  'event',
  'past',
  'language',
  'clock',
  'folded',
  'search',
  'measure',
  'snapshot',
  'freeze',
  'household',
  'devices',
  'device',
  'camera',
  'exploded',
  'near-lines',
  'grids',
  'values',
  'hover',
  'keepers',
  'under',
  'relief',
];

export class Store {
  #subscribers = new Set();
  #changed = new Set();
  #scheduled = false;

  /** Closed ones of late: what is told of them again, or arrives late, changes nothing; none is ever open again. */
  #closed = new Set();

  /** Not all open alarms are kept here: the server's figures say how many there are. */
  #partial = false;

  /** Code of a grid → how many alarms are open there, as the server counts them. */
  #openIn = new Map();

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
    this.state = {
      counts: {},
      connection: { state: 'connecting', since: null },
      serverOffset: 0,
      scene: { status: 'loading', error: null, legend: [], bounds: null, exact: true },
      tileFailures: 0,
      contextLost: false,
      metric: 'residents',
      form: 'height',
      columns: { key: '', count: 0, labelled: 0, hidden: 0 },
      classCounts: null,
      style: 'night',
      layers: { buildings: true, alarms: true, grids: true, labels: true, events: false, keepers: false },
      strengths: {},
      under: { sources: NO_SOURCES, troubles: [] },
      window: { preset: '7d' },
      eventView: {
        status: 'idle', error: null, from: 0, to: 0, following: true, total: 0, matching: 0, most: 0, complete: true, held: false,
        filter: ALL, draw: 'auto', drawn: null, width: 0,
      },
      eventClasses: new Map(),
      playback: { on: false, playing: false, from: 0, to: 0, head: 0, trail: 0, speed: 1 },
      comparison: { ...NO_COMPARISON },
      event: { ...NO_EVENT },
      past: { ...NO_PAST },
      card: { status: 'closed', id: null, building: null, error: null },
      cell: null,
      cellSides: null,
      hidden: 0,
      severities: null,
      dossier: { ...NO_DOSSIER },
      warning: { ...NO_WARNING },
      household: { ...NO_HOUSEHOLD },
      rooms: { ...NO_ROOMS },
      exploded: { ...NO_EXPLODED },
      autoExplode: true,
      nearLines: true,
      warningsOpen: false,
      concerned: new Map(),
      newExtreme: null,
      alarmTypes: new Map(),
      flood: { on: false, new: 0, limit: null, windowSeconds: null },
      busy: new Map(),
      refusals: new Map(),
      openGroups: new Set(),
      groupForm: null,
      bearing: 0,
      choropleth: { ...NO_CHOROPLETH },
      grid: { ...NO_GRID },
      hover: null,
      keeper: { ...NO_KEEPER },
      keepers: { status: 'loading', error: null, rules: null, counts: null },
      folded: new Set(),
      search: { ...NO_SEARCH },
      measure: { ...NO_MEASURE },
      snapshot: { status: 'idle', error: null },
      freeze: { status: 'closed', alarmId: null, id: null, error: null },
      devices: { ...DEVICES_AT_FIRST },
      device: { ...NO_THING },
      camera: { ...NO_CAMERA },
      ...initial,
    };
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
    this.#openIn.clear();
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

  /** Take in the figures of one grid: `{ code, counts }`, where those that are 0 are left out. */
  applyFigures({ code, counts }) {
    this.#openIn.set(code, OPEN_FIGURES.reduce((sum, name) => sum + (counts[name] ?? 0), 0));
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
    if (!this.#partial) return 0;
    let open = 0;
    for (const count of this.#openIn.values()) open += count;
    return Math.max(0, open - this.alarms.size);
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
