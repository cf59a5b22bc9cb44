/** The wall page: its parts, and who has the picture: the tour, or what takes it. */
import { FigureDesk } from './figure-desk.js';
import { fit } from './legibility.js';
import { FLIGHTS, WallMap } from './wall-map.js';
import { GridFigures } from '../grids/grid-figures.js';
import { Look } from '../look.js';
import { Parts } from '../parts.js';
import { probeWebgl } from '../map/map.js';
import { RollUp } from './roll-up.js';
import { SceneView } from '../map/scene-view.js';
import { shown } from './shows.js';
import { Stage } from '../map/stage.js';
import { Takeovers, boundsOfBriefs } from './takeover.js';
import { TourDesk } from './tour-desk.js';
import { BACK, Watch } from './watch.js';
import { briefOf, snapshotOf } from './briefs.js';
import { boundsOf } from '../warnings/warning-terms.js';

/** Milliseconds between two looks at the clock: nothing here is more urgent, and nothing is drawn for it. */
const TICK = 500;

/** Milliseconds after which a scene that did not come is asked for again, at first and at most: nobody is there to press a button. */
const RETRY = { first: 3000, most: 60_000 };

export class Wall {
  /** The tour that somebody writes goes on by itself. */
  trying = false;

  #began = false;
  #takeover = null;
  #retry = RETRY.first;
  #fitTimer = null;

  /**
   * @param {object} parts
   * @param {object} parts.config
   * @param {import('../store.js').Store} parts.store
   * @param {object} parts.options as options.js reads them
   * @param {import('./sound.js').Sound} parts.sound
   * @param {boolean} parts.low frames have to be cheap
   * @param {boolean} [parts.editing] somebody writes a tour
   * @param {() => number} [parts.now] milliseconds of a clock that never jumps
   */
  constructor({ config, store, options, sound, low, editing = false, now = () => performance.now() }) {
    Object.assign(this, { config, store, options, sound, low, editing, now });
    if (low) WallMap.confine();
    const { urls } = config;
    this.still = low || matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.look = new Look({ store, style: 'night', document, storage: () => localStorage });
    this.stage = new Stage({
      store, onClick: () => {}, onMoved: () => {}, tree: () => ({ isForeign: () => false, failed: () => false }),
      compose: (look) => this.parts.layers({ ...look, relief: this.map.relief }),
    });
    this.map = new WallMap({ store, urls, figures: new GridFigures(), stage: this.stage, low, onChange: () => this.draw() });
    this.view = new SceneView({
      store, urls, look: this.look, stage: this.stage, camera: () => null,
      under: () => ({
        hidden: ['grids'], padding: () => this.map.padding(), interactive: editing, antialias: !low, pixelRatio: this.map.pixelRatio(),
      }),
      onOpened: (cityMap) => this.#opened(cityMap),
    });
    store.state.metric = shown('alarms').metric;
    this.rollUp = new RollUp();
    this.takeovers = new Takeovers({
      brief: (id) => store.alarms.get(id), warning: (id) => store.warnings.get(id), seconds: options.seconds,
    });
    this.figureDesk = new FigureDesk({ urls, rollUp: this.rollUp, onRead: (changes) => this.set(changes) });
    this.tours = new TourDesk({ urls, id: options.tour, store, now, onStop: (stop) => this.#stand(stop) });
    this.watch = new Watch({ config, store, now, quiet: (broken) => this.#quiet(broken), onDay: () => this.figureDesk.anew() });
    this.parts = new Parts([this.#live(), ...this.map.parts, this.figureDesk, this.tours, this.watch]);
    store.subscribe(['view', 'eventView', 'grids', 'values', 'past'], () => this.draw());
    store.subscribe(['scene'], () => this.#sceneFailed());
  }

  /** What the stream tells, as a wall takes it. */
  #live() {
    const { store, takeovers } = this;
    const hear = (told) => {
      const brief = briefOf(told);
      store.applyAlarm(brief);
      takeovers.hear(brief);
      this.tick();
    };
    return {
      hears: {
        snapshot: (told) => this.#snapshot(told),
        kpi: (figures) => {
          store.applyFigures(figures);
          this.rollUp.take(figures);
          store.touch('figures');
        },
        alarm: hear,
        brief: hear,
        warning: (warning) => {
          store.applyWarning(warning);
          takeovers.hearWarning(warning, store.now());
          this.tick();
        },
      },
    };
  }

  #snapshot(told) {
    const { store } = this;
    store.applySnapshot(snapshotOf(told));
    this.rollUp.takeSnapshot(told.kpi);
    this.takeovers.begin(store.alarms.values(), store.warnings.values(), store.now(), { first: !this.#began });
    this.#began = true;
    store.touch('figures');
    this.tick();
  }

  set(changes) {
    this.store.set('wall', { wall: { ...this.store.state.wall, ...changes } });
  }

  // --- the picture -------------------------------------------------------------------------------------------

  start({ drawable }) {
    this.refit();
    if (!drawable) this.watch.blind(() => probeWebgl() !== 'none');
    addEventListener('resize', () => {
      clearTimeout(this.#fitTimer);
      this.#fitTimer = setTimeout(() => this.refit(), 150);
    });
    this.timer = setInterval(() => this.tick(), TICK);
    if (!this.editing) this.tours.start();
    return drawable ? this.view.open() : this.view.openWithoutMap();
  }

  /** Fill the window with as much as can be read from where people sit. */
  refit() {
    if (this.editing) return; // on a desk, as every other page
    const found = fit({ width: innerWidth, height: innerHeight }, this.options.wall);
    const root = document.documentElement;
    root.style.setProperty('font-size', `${found.rem.toFixed(2)}px`);
    Object.assign(root.dataset, { layout: found.layout, density: found.density });
    this.set({ fit: found });
    if (this.stage.cityMap === null) return;
    this.map.resized();
    this.#standAgain();
  }

  /** Look anew at what the picture shows: the window is another one, or there was no map when it was told. */
  #standAgain() {
    if (this.#takeover === null) this.tours.again();
    else this.#fly(this.#takeover);
  }

  #opened(cityMap) {
    this.parts.tell('opened', cityMap);
    this.map.opened(cityMap);
    cityMap.map.on('webglcontextlost', () => this.#broken());
    // MapLibre draws again, and deck.gl cannot: a city without its buildings is not shown as if that were all.
    cityMap.map.on('webglcontextrestored', () => this.#broken(BACK));
    window.shapan = { map: cityMap.map, overlay: cityMap.overlay, store: this.store, wall: this };
    // A warning came above the map, or went: the stop is seen through another hole. What is below it changes with each stop.
    const hole = document.querySelector('.wall-hole');
    const place = () => { const { top, left, width } = hole.getBoundingClientRect(); return `${top} ${left} ${width}`; };
    let stood = place();
    new ResizeObserver(() => {
      if (place() === stood) return;
      stood = place();
      this.map.resized();
      this.#standAgain();
    }).observe(hole);
    // The blocks around the hole stand where they will stand only when they are drawn.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      this.#showAll({ cut: true });
      this.#standAgain();
      this.tick();
    }));
  }

  /** The graphics are gone, or came back without the city. Whoever writes a tour loads the page when that is saved. */
  #broken(wait) {
    this.set({ broken: true });
    if (!this.editing) this.watch.broken(wait);
  }

  draw() {
    this.stage.draw();
  }

  #sceneFailed() {
    const { status } = this.store.state.scene;
    if (status === 'ready') this.#retry = RETRY.first;
    if (status !== 'error') return;
    setTimeout(() => this.view.retry(), this.#retry);
    this.#retry = Math.min(RETRY.most, 2 * this.#retry);
  }

  // --- whose turn it is --------------------------------------------------------------------------------------

  /** Look at the clock: who has the picture now? */
  tick() {
    this.store.endWarnings();
    const now = this.now();
    const taken = this.editing ? null : this.takeovers.current(now);
    const before = this.#takeover;
    this.#takeover = taken;
    if (seen(taken) !== seen(before)) this.set({ takeover: taken });
    if (before !== null && (taken?.key !== before.key || taken.since !== before.since)) this.watch.between();
    if (taken === null) {
      if (before !== null) this.#giveBack();
      if (this.stage.cityMap !== null && (!this.editing || this.trying)) this.tours.look(now);
    } else if (taken.key !== before?.key || taken.since !== before.since) {
      this.tours.wait();
      // Once its card is there, so that the place stands beside it.
      requestAnimationFrame(() => requestAnimationFrame(() => taken.key === this.#takeover?.key && this.#fly(this.#takeover)));
      this.sound.alert(taken.kind === 'warning' ? 'warning' : 'alarm');
    }
    this.watch.look();
  }

  /** The tour has its turn again; without one, the whole picture. */
  #giveBack() {
    this.tours.again();
    if (this.tours.length === 0) this.#showAll({ cut: this.still, duration: FLIGHTS.tour });
  }

  #showAll(how) {
    const { bounds } = this.store.state.scene;
    if (bounds) this.map.showBounds(bounds, how);
  }

  /** Whether the page may be loaded anew: nobody misses anything, and nobody writes a tour. */
  #quiet(broken) {
    return !this.editing && this.#takeover === null && (broken || this.takeovers.waiting === 0);
  }

  #fly({ kind, briefs, warning }) {
    const how = { cut: this.still, duration: FLIGHTS.takeover };
    const [newest] = briefs;
    this.map.show(shown('alarms'), (changes) => this.view.change(changes));
    if (kind === 'warning') {
      const bounds = boundsOf(warning?.geometry);
      if (bounds !== null) this.map.showBounds(bounds, how);
      return;
    }
    const bounds = boundsOfBriefs(briefs);
    if (bounds === null) return;
    if (kind === 'alarms') this.map.showPlace({ lon: (bounds[0] + bounds[2]) / 2 || newest.lon, lat: (bounds[1] + bounds[3]) / 2 }, how);
    else this.map.showBounds(bounds, how);
  }

  #stand(stop) {
    this.map.show(shown(stop.show), (changes) => this.view.change(changes));
    this.map.stand(stop, { cut: this.still, duration: FLIGHTS.tour });
  }

  /** Look at one stop, for who writes a tour. */
  showStop(stop) {
    this.#stand(stop);
  }

  // --- hands, where there are any ------------------------------------------------------------------------------

  /** A key, where somebody has a keyboard: M mutes, Escape lets go what has the picture, arrows go through the tour. */
  key({ key }) {
    if (key === 'm' || key === 'M') this.mute();
    else if (key === 'Escape') this.takeovers.skip(this.now());
    else if (key === 'ArrowRight' || key === 'ArrowLeft') this.tours.go(key === 'ArrowRight' ? 1 : -1);
    else if (key === 'f' || key === 'F') document.documentElement.requestFullscreen?.().catch(() => {});
    else return;
    this.tick();
  }

  mute() {
    this.sound.toggle();
  }

  /** For Parts: what the stream says. */
  receive(name, data) {
    this.parts.receive(name, data);
    if (name === 'tiles-changed') this.stage.tilesChanged(data.changes);
  }

  streamBegins() {
    this.stage.streamBegins();
    this.parts.tell('streamBegan');
  }
}

/** What of a takeover is on the screen: another text is another picture. */
function seen(taken) {
  if (taken === null) return '';
  const { key, since, count, left, waiting, briefs, warning } = taken;
  return [key, since, count, left, waiting, ...briefs.slice(0, 8).map(({ id, state }) => `${id}${state}`), warning?.state].join();
}
