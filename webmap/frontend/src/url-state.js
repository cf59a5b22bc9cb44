/**
 * The part of the screen that a link carries: language, style, metric, form, building, alarm, warning, whether the building
 * is taken apart, room, event, device, facility, grid, the figure of grids, the events' window,
 * filter and comparison, the instant that is looked back at, which layers are shown and how strong, camera. Of what is on record it holds the id or code alone: who opens
 * the link sees what their own account may see.
 */
import { readLayers, writeLayers } from './base/tree.js';
import { ALL } from './devices/device-state.js';
import { FORMS } from './buildings/building-form.js';
import { ENTRY_KINDS, FIGURES } from './grids/grid-figures.js';
import { LANGUAGES } from './i18n/index.js';
import { COMPARISONS, PRESETS } from './events/time-window.js';

/** How events are drawn: by zoom as hexagons or points, or as heat. */
export const DRAWINGS = ['auto', 'heat'];

export const ORIGINS = ['patrol', '12345', 'device', 'resident'];

export const METRICS = ['residents', 'density', 'entry_rate', 'vacancy', 'alarms', 'use', 'height', 'floors'];

/** Of the map and the panels. */
export const STYLES = ['night', 'day'];

/** Codes of one list. */
const MOST_CODES = 100;

const CAMERA = ['longitude', 'latitude', 'zoom', 'pitch', 'bearing'];
const CAMERA_DIGITS = { longitude: 6, latitude: 6, zoom: 2, pitch: 1, bearing: 1 };

function readCamera(text) {
  const values = (text ?? '').split(',').map(Number);
  if (values.length !== CAMERA.length || !values.every(Number.isFinite)) return null;
  const camera = Object.fromEntries(CAMERA.map((name, index) => [name, values[index]]));
  const sane = Math.abs(camera.longitude) <= 180 && Math.abs(camera.latitude) <= 85.05;
  return sane ? camera : null;
}

function readWindow(text) {
  if (PRESETS.includes(text)) return { preset: text };
  const [from, to] = (text ?? '').split('~').map((end) => Date.parse(end));
  return from < to ? { from, to } : null; // false for NaN as well
}

/** A value of a closed list. The first one, where it is the default, is not written. */
const oneOf = (names, { defaulted = false } = {}) => ({
  read: (text) => (names.includes(text) ? text : undefined),
  write: (name) => (defaulted && name === names[0] ? '' : name ?? ''),
});

/** The id of something on record. */
const ID = {
  read: (text) => (/^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined),
  write: (id) => (id ? String(id) : ''),
};

/** Some words, each of which `known` knows. */
const listOf = (known) => ({
  read: (text) => (text.split(',').every(known) ? text.split(',').slice(0, 200) : undefined),
  write: (words) => (words ?? []).join(),
});

/** Done, to be done, or by default either. */
const FINISHED = {
  read: (text) => ({ 1: true, 0: false })[text],
  write: (finished) => (typeof finished === 'boolean' ? String(Number(finished)) : ''),
};

/** Milliseconds since 1970, as short as it can be said. */
const INSTANT = {
  read: (text) => Date.parse(text) || undefined,
  write: (at) => (at ? new Date(at).toISOString().replace(/(:00)?\.000Z$/, 'Z') : ''),
};

/** The code of something on record: whatever a city writes, but no control characters. */
const CODE = {
  read: (text) => (/^[^\p{C}]{1,100}$/u.test(text) ? text : undefined),
  write: (code) => code ?? '',
};

/** Some of a list, by their codes, or all there are. */
const SOME = {
  read: (text) => (text === ALL ? ALL : new Set(text.split(',').filter((code) => CODE.read(code)).slice(0, MOST_CODES))),
  write: (codes) => (codes === ALL ? ALL : [...codes ?? []].join()),
};
/** The code of a grid. */
const GRID = { read: (text) => (/^\d{15}$/.test(text) ? text : undefined), write: (code) => code ?? '' };

/** On or, by default, off. */
const FLAG = { read: (text) => text === '1', write: (on) => (on ? '1' : '') };

const WINDOW = {
  read: readWindow,
  write: (timeWindow) => {
    if (!timeWindow) return '';
    return timeWindow.preset ?? [timeWindow.from, timeWindow.to].map((at) => new Date(at).toISOString()).join('~');
  },
};

const CAMERA_FIELD = {
  read: readCamera,
  write: (camera) => (camera ? CAMERA.map((name) => camera[name].toFixed(CAMERA_DIGITS[name])).join(',') : ''),
};

/**
 * All that a link may carry, in the order in which it is written. `read` gives undefined or null for what makes no sense,
 * `write` nothing for what need not be said. A language and a style that were chosen are written, because without them
 * each browser has its own.
 */
const FIELDS = {
  lang: oneOf(Object.keys(LANGUAGES)),
  style: oneOf(STYLES),
  metric: oneOf(METRICS, { defaulted: true }),
  form: oneOf(FORMS, { defaulted: true }),
  building: ID,
  alarm: ID,
  warning: ID,
  exploded: FLAG,
  room: ID,
  event: ID,
  events: oneOf(DRAWINGS),
  device: CODE,
  facility: CODE,
  devices: SOME,
  facilities: SOME,
  silent: FLAG,
  grid: GRID,
  choropleth: oneOf(FIGURES, { defaulted: true }),
  entry: oneOf(ENTRY_KINDS, { defaulted: true }),
  keepers: FLAG,
  window: WINDOW,
  classes: listOf((word) => /^(\d{2}|\d{4})$/.test(word)),
  origins: listOf((word) => ORIGINS.includes(word)),
  finished: FINISHED,
  compare: oneOf(COMPARISONS),
  at: INSTANT,
  layers: { read: readLayers, write: writeLayers },
  camera: CAMERA_FIELD,
};

/**
 * Read a query string. Whatever is missing or makes no sense is left out; nothing in a link is an error.
 * @returns {object} values by the names of FIELDS
 */
export function parseUrlState(search) {
  const query = new URLSearchParams(search);
  const found = Object.entries(FIELDS).map(([name, { read }]) => [name, query.has(name) ? read(query.get(name)) : undefined]);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined && value !== null));
}

/** The query string of a state, in the form that parseUrlState reads. */
export function formatUrlState(state) {
  const query = new URLSearchParams();
  for (const [name, { write }] of Object.entries(FIELDS)) {
    const text = write(state[name]);
    if (text) query.set(name, text);
  }
  const text = query.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%7E', '~');
  return text ? `?${text}` : '';
}

/** Milliseconds between two writes: browsers refuse more than about 100 in 30 s. */
const PAUSE = 400;

/** Keep the address bar equal to the state without adding steps to the browser's history. */
export class UrlState {
  #timer = null;

  /** `history` and `location` are the browser's; `collect` returns the state to write. */
  constructor({ history, location, collect }) {
    Object.assign(this, { history, location, collect });
  }

  read() {
    return parseUrlState(this.location.search);
  }

  /** Write soon. Changes that never pause are written all the same: the next reload needs them. */
  schedule() {
    this.#timer ??= setTimeout(() => this.#write(), PAUSE);
  }

  #write() {
    this.#timer = null;
    const search = formatUrlState(this.collect());
    if (search !== this.location.search) this.history.replaceState(null, '', this.location.pathname + search);
  }
}
