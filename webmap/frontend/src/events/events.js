/** 事件: the events of a window on the map, by hexagon, point or heat; played back, or set against another window. */
import { requestJson } from '../api.js';
import { accountOf, momentOf, overdueAmong } from './event-account.js';
import { Comparison } from './comparison.js';
import { ALL, countsOf, rowAt } from './event-columns.js';
import { EventDetails } from './event-details.js';
import { legendEntries } from './event-legend.js';
import { asked, EventWindow } from './event-window.js';
import { cellsOf, countCells, middles, widthFor } from './hexagons.js';
import {
  breaksOf, countToken, densityCeiling, differenceToken, divergingBreaks, HEAT, heatLayer, hexagonLayers, pointLayer, POINTS,
  short, shortSigned,
} from '../layers/events.js';
import { number } from '../format.js';
import { t } from '../i18n/index.js';
import { memo } from '../memo.js';
import { tokenColor } from '../map/token-colors.js';
import { Playback, shownAt } from './playback.js';

/** Metres of a pixel, on a screen of 1080 lines, below which single events are drawn. */
const NEAR = 1.6;

/** Lowest numbers of colours, and events per hectare at the end of the heat's, while a window is played. */
const PLAYED_BREAKS = [1, 2, 3, 5, 8];
const PLAYED_DENSITY = 2;

/** Hexagons are drawn for the screen and this much around it, of its sides: a map that is dragged shows them at once. */
const AROUND = 0.5;

const NOTHING = { middles: new Float64Array(0), counts: [] };

export class Events {
  picks = [POINTS];

  #cityMap = null;
  #bounds = null;
  #server = null;
  #abort = null;

  #cells = memo((events, width, latitude) => cellsOf(events, { width, latitude }));
  #counted = memo(({ cellOf, q }, start, end) => countCells(cellOf, q.length, start, end));
  #breaks = memo((counts) => breaksOf(counts));
  #divergingBreaks = memo((more) => divergingBreaks(more));
  #density = memo(densityCeiling);
  #account = memo(accountOf);
  #counts = memo(countsOf);
  #overdue = memo((events, ids) => overdueAmong(events, ids));

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {{events: string, columns: string, hexagons: string, classes: string}} parts.urls
   * @param {string} parts.timeZone the command centre's
   * @param {string[]} parts.shifts times of day at which its shifts change
   * @param {(id: string) => object|undefined} parts.described a layer as the server's scene describes it
   * @param {() => object|null} parts.past events of the instant that is looked back at; null while it is now
   * @param {(id: number) => void} parts.onEvent somebody clicked on one
   * @param {() => boolean} parts.stepwise whether the person dislikes motion
   */
  constructor({ store, urls, timeZone, shifts, described, past, onEvent, stepwise }) {
    Object.assign(this, { store, urls, timeZone, described, past, onEvent });
    this.playback = new Playback({ store, nextFrame: (callback) => requestAnimationFrame(callback), stepwise });
    this.window = new EventWindow({ store, urls, timeZone, shifts, onRead: () => this.#read() });
    this.details = new EventDetails({ store, url: urls.events });
    this.comparison = new Comparison({ store, url: urls.columns, timeZone, window: this.window });
    this.hears = { event: () => this.window.hear() };
  }

  // --- what a person chooses -------------------------------------------------------------------------------

  restore({ events, window: timeWindow, classes, origins, finished, compare }) {
    const { state } = this.store;
    if (timeWindow) state.window = timeWindow;
    state.eventView.filter = { classes: classes ?? [], origins: origins ?? [], finished: finished ?? null };
    if (compare) state.comparison.kind = compare;
    if (events) {
      state.eventView.draw = events;
      this.show(true);
    }
  }

  linked() {
    const { layers: { events }, window: timeWindow, eventView: { draw, filter }, comparison: { kind } } = this.store.state;
    return events ? { events: draw, window: timeWindow, ...filter, compare: kind } : {};
  }

  show(shown) {
    this.store.set('view', { layers: { ...this.store.state.layers, events: shown } });
    this.playback.stop();
    this.window.load();
    this.#look();
  }

  /** Show the whole window again, with what came while it was played. */
  stopPlaying() {
    this.playback.stop();
    this.window.hear();
  }

  draw(how) {
    this.#set({ draw: how });
    this.#look();
  }

  setWindow(timeWindow) {
    this.playback.stop();
    this.store.set('view', { window: timeWindow });
    this.window.load();
  }

  filter(changes) {
    this.window.setFilter(changes);
    this.#readHexagons();
  }

  #set(changes) {
    this.store.set('eventView', { eventView: { ...this.store.state.eventView, ...changes } });
  }

  streamBegan() {
    this.window.missed();
  }

  #read() {
    if (!this.store.state.playback.on) this.playback.reset(this.store.state.eventView);
    this.comparison.load();
    this.details.readOverdue();
    this.#readHexagons();
  }

  // --- how it is drawn -------------------------------------------------------------------------------------

  opened(cityMap) {
    this.#cityMap = cityMap;
    cityMap.map.on('moveend', () => this.#look());
    cityMap.map.on('zoom', () => this.#look());
    this.#look();
  }

  /** What this camera shows: 'hexagons' of which width, 'points' or 'heat'. */
  #look() {
    if (this.#cityMap === null) return;
    const { store: { state }, past } = this;
    const { scale, map } = this.#cityMap;
    const { metersPerPixel } = this.#cityMap.viewport();
    const bounds = map.getBounds();
    const [west, south, east, north] = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    const [x, y] = [(east - west) * AROUND, (north - south) * AROUND];
    this.#bounds = [west - x, south - y, east + x, north + y];
    const shown = state.layers.events || past() !== null;
    const near = metersPerPixel * scale < NEAR && (past() !== null || state.eventView.held);
    const drawn = !shown ? null : state.eventView.draw === 'heat' && past() === null ? 'heat' : near ? 'points' : 'hexagons';
    const width = widthFor(metersPerPixel, scale);
    const before = state.eventView;
    if (before.drawn === drawn && before.width === width) return;
    this.#set({ drawn, width });
    if (before.width !== width) this.#readHexagons();
  }

  get #latitude() {
    const { bounds } = this.store.state.scene;
    return bounds ? Math.round((bounds[1] + bounds[3]) / 2) : 0;
  }

  /** Events to draw and the rows of them: those of the past, of the head of the playback, or of the window. */
  moment() {
    const past = this.past();
    if (past !== null) return { events: past, start: 0, end: past.length };
    const events = this.window.shown();
    if (events === null) return null;
    const { playback } = this.store.state;
    return momentOf(events, playback, shownAt(playback.head, playback));
  }

  layers({ state, scale, below, metresPerPixel }) {
    this.#look(); // the window may have come, or the instant
    const { eventView: { drawn, width }, playback } = this.store.state;
    if (drawn === null) return {};
    const scene = this.moment();
    const look = { scale, metresPerPixel, beforeId: below.labels, width };
    const differing = this.past() === null && !playback.on ? this.#differing() : null;
    if (differing !== null) return { over: this.#differences(differing, look) };
    if (drawn === 'hexagons') return { over: this.#hexagons(look) };
    if (scene === null) return {};
    if (drawn === 'points') return { over: [pointLayer(scene.events, { ...scene, ...look, chosen: state.event.id })] };
    const layer = this.described(HEAT);
    return layer ? { over: [heatLayer(layer, scene.events, { ...scene, ...look, max: this.#densest() })] } : {};
  }

  #densest() {
    const densest = this.#density(this.window.shown());
    return this.store.state.playback.on ? Math.min(densest, PLAYED_DENSITY) : densest;
  }

  #differing() {
    const { width } = this.store.state.eventView;
    return this.store.state.comparison.kind === null ? null : this.comparison.cells(width, this.#latitude);
  }

  #differences({ middles: places, more }, look) {
    const breaks = this.#divergingBreaks(more);
    const cells = this.#inView(places, more, (value) => value !== 0);
    return hexagonLayers(cells, { ...look, token: (value) => differenceToken(value, breaks), words: shortSigned });
  }

  #hexagons(look) {
    const { middles: places, counts } = this.#hexagonCounts();
    const breaks = this.#hexagonBreaks(counts);
    const cells = this.#inView(places, counts, (value) => value > 0);
    return hexagonLayers(cells, { ...look, token: (value) => countToken(value, breaks), words: short });
  }

  #hexagonBreaks(counts) {
    return this.store.state.playback.on && this.past() === null ? PLAYED_BREAKS : this.#breaks(counts);
  }

  #hexagonCounts() {
    const scene = this.moment();
    if (scene === null) return this.#server ?? NOTHING;
    const cells = this.#cells(scene.events, this.store.state.eventView.width, this.#latitude);
    return { middles: cells.middles, counts: this.#counted(cells, scene.start, scene.end) };
  }

  /** Cells on the screen and around it in which there is something. */
  #inView(places, values, wanted) {
    const [west, south, east, north] = this.#bounds ?? [-180, -90, 180, 90];
    const [kept, found] = [[], []];
    for (let cell = 0; cell < values.length; cell += 1) {
      const [lon, lat] = [places[2 * cell], places[2 * cell + 1]];
      if (!wanted(values[cell]) || lon < west || lon > east || lat < south || lat > north) continue;
      kept.push(lon, lat);
      found.push(values[cell]);
    }
    return { middles: Float64Array.from(kept), values: found };
  }

  /** Where there are more events than a page holds, the server counts them. Only the newest request counts. */
  async #readHexagons() {
    this.#abort?.abort();
    this.#server = null;
    const { status, held, from, to, filter, width } = this.store.state.eventView;
    if (status !== 'ready' || held || !width) return;
    const { signal } = this.#abort = new AbortController();
    const latitude = this.#latitude;
    try {
      const { q, r, events } = await requestJson(asked(this.urls.hexagons, { from, to }, filter, { width, latitude }), { signal });
      this.#server = { middles: middles(q, r, { width, latitude }), counts: Uint32Array.from(events) };
      this.store.touch('eventView');
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!error.title) throw error;
      this.#set({ status: 'failed', error });
    }
  }

  /** What the colours mean: `{ drawn, breaks?, signed?, max?, colors? }`. */
  legend() {
    const { drawn, width } = this.store.state.eventView;
    if (drawn === null) return { drawn };
    const differing = this.past() === null && !this.store.state.playback.on ? this.#differing() : null;
    if (differing !== null) return { drawn: 'differences', width, breaks: this.#divergingBreaks(differing.more) };
    if (drawn === 'hexagons') return { drawn, width, breaks: this.#hexagonBreaks(this.#hexagonCounts().counts) };
    if (drawn === 'points') return { drawn };
    return this.window.shown() === null ? { drawn: null }
      : { drawn, max: this.#densest(), colors: this.described(HEAT)?.props.colorRange };
  }

  legends() {
    const legend = this.legend();
    if (legend.drawn === 'heat') return [this.#heatLines(legend)];
    const { title, entries } = legendEntries(legend, this.store.state.eventClasses);
    return entries.length > 0 ? [{ title, lines: entries.map(({ token, words }) => ({ color: tokenColor(token), label: words })) }] : [];
  }

  #heatLines({ max, colors }) {
    const at = (index) => number((max * index) / (colors.length - 1), 1);
    const label = (index) => (index === colors.length - 1 ? `≥ ${at(index)}` : at(index));
    return { title: t('events.density'), lines: colors.map((color, index) => ({ color, label: label(index) })).slice(1) };
  }

  /** What the window's events, or those of the instant, were: event-account.js says how. `overdue` is null where it is not known. */
  account() {
    const past = this.past();
    if (past !== null) return { ...this.#account(this.#counts(past), ALL), overdue: null };
    const [events, overdue] = [this.window.shown(), this.details.overdue()];
    const account = this.#account(this.window.counts(), this.store.state.eventView.filter);
    if (events === null || overdue === null) return { ...account, overdue: null };
    return { ...account, overdue: this.#overdue(events, overdue.ids), atLeast: !overdue.complete };
  }

  /** How many events the playback shows, and how many it has shown since the window began. */
  played() {
    const [events, { playback }] = [this.window.shown(), this.store.state];
    if (events === null || !playback.on) return null;
    const { from, to } = shownAt(playback.head, playback);
    const end = rowAt(events, to);
    return { from, to, shown: end - rowAt(events, from), sofar: end };
  }

  clicked(info) {
    const events = this.moment();
    if (events) this.onEvent(events.events.id[events.start + info.index]);
  }
}
