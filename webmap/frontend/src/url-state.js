/**
 * The part of the screen that a link carries: language, style, metric, time window, building, alarm, warning, layers,
 * camera. Of building, alarm and warning it holds the id alone: who opens the link sees what their own account may see.
 */
import { LANGUAGES } from './i18n/index.js';
import { PRESETS } from './time-window.js';

export const METRICS = ['residents', 'use', 'height', 'floors'];

/** Of the map and the panels. */
export const STYLES = ['night', 'day'];

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
  if (Object.hasOwn(PRESETS, text ?? '')) return { preset: text };
  const [from, to] = (text ?? '').split('~').map((end) => Date.parse(end));
  return from < to ? { from, to } : null; // false for NaN as well
}

/**
 * Read a query string. Whatever is missing or makes no sense is left out; nothing in a link is an error.
 * @returns {{lang?, style?, metric?, window?, building?, alarm?, warning?, heat?, camera?}}
 */
export function parseUrlState(search) {
  const query = new URLSearchParams(search);
  const state = {};
  if (Object.hasOwn(LANGUAGES, query.get('lang') ?? '')) state.lang = query.get('lang');
  if (STYLES.includes(query.get('style'))) state.style = query.get('style');
  if (METRICS.includes(query.get('metric'))) state.metric = query.get('metric');
  for (const name of ['building', 'alarm', 'warning']) {
    if (/^[1-9]\d{0,14}$/.test(query.get(name) ?? '')) state[name] = Number(query.get(name));
  }
  if (query.has('heat')) state.heat = query.get('heat') === '1';
  const timeWindow = readWindow(query.get('window'));
  if (timeWindow) state.window = timeWindow;
  const camera = readCamera(query.get('camera'));
  if (camera) state.camera = camera;
  return state;
}

/**
 * The query string of a state, in the form that parseUrlState reads. What is default is not written; a language and a
 * style that were chosen are, because without them each browser has its own.
 */
export function formatUrlState({ lang, style, metric, window: timeWindow, building, alarm, warning, heat, camera }) {
  const query = new URLSearchParams();
  if (lang) query.set('lang', lang);
  if (style) query.set('style', style);
  if (metric && metric !== METRICS[0]) query.set('metric', metric);
  if (building) query.set('building', building);
  if (alarm) query.set('alarm', alarm);
  if (warning) query.set('warning', warning);
  if (heat) {
    query.set('heat', '1');
    if (timeWindow?.preset) query.set('window', timeWindow.preset);
    else if (timeWindow) {
      query.set('window', [timeWindow.from, timeWindow.to].map((at) => new Date(at).toISOString()).join('~'));
    }
  }
  if (camera) query.set('camera', CAMERA.map((name) => camera[name].toFixed(CAMERA_DIGITS[name])).join(','));
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
