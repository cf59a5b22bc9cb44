/** What a wall shows of the city, and where its camera stands: it moves by itself, and cuts where it cannot fly. */
import { AlarmScene } from '../alarms/alarm-scene.js';
import { City } from '../buildings/city.js';
import { fitCamera } from '../map/camera.js';
import { GridMap } from '../grids/grid-map.js';
import { WarningScene } from '../warnings/warning-scene.js';
import { boundsWithin } from '../warnings/warning-terms.js';

/** A wall has no relief and nothing taken apart: what the layers ask of either. */
const FLAT = { on: false, version: 0, level: 0, base: (metres) => metres ?? 0, over: (place) => place };
const WHOLE = { isOpen: false, state: { id: null }, hides: () => false, placeOf: () => null };

/** Seen from the south-west, as the opening picture is. */
const PITCH = 50;
const BEARING = -18;

/** Milliseconds of a flight: of the tour slow enough to be followed, of an alarm quick. */
export const FLIGHTS = { tour: 5000, takeover: 2200 };

/** Zoom on a screen of 1080 lines from which one building is seen among its neighbours. */
const ONE_BUILDING = 16.9;

/** Around an area that is shown, of its sides; and the least side of one, degrees. */
const AIR = 0.12;
const LEAST_SIDE = 0.0022;

/** Pixels of the shorter side of the window that cameras of tours are for: spatial/rules/wall_tours.py. */
const RECORDED = 900;

/** How high the mark of an alarm stands above its place, rem. */
const MARKS = 3;

/** Frames of a wall without a graphics card have at most so many pixels. */
const FEW_PIXELS = 500_000;

export class WallMap {
  #cityMap = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {object} parts.urls
   * @param {import('../grids/grid-figures.js').GridFigures} parts.figures
   * @param {import('../map/stage.js').Stage} parts.stage
   * @param {boolean} parts.low frames have to be cheap
   * @param {() => void} parts.onChange something else is to be drawn
   */
  constructor({ store, urls, figures, stage, low, onChange }) {
    Object.assign(this, { store, stage, low });
    const told = { onTileError: () => stage.tileFailed() };
    const ground = () => FLAT;
    this.city = new City({ store, url: urls.building, described: (id) => stage.layer(id), told, plain: low });
    this.alarms = new AlarmScene({
      store, url: urls.footprints, onChange, ground, exploded: WHOLE, onSelect: () => {}, onBuilding: () => {},
    });
    this.grids = new GridMap({ store, urls, figures, told, onGrid: () => {}, onCommunity: () => {} });
    this.warnings = new WarningScene({ store, onChange });
    this.parts = [this.alarms, this.city, this.grids, this.warnings];
  }

  get relief() {
    return FLAT;
  }

  opened(cityMap) {
    this.#cityMap = cityMap;
  }

  /** Colour by what a stop shows: a figure of grids, or a metric of buildings. */
  show({ figure, metric }, change) {
    this.grids.show(figure);
    if (metric !== this.store.state.metric) change({ metric });
  }

  /**
   * Have the map be no larger than what is seen of it: without a graphics card each pixel below a panel costs as much as one that is
   * seen, once as a pixel of the map and once more as one of the page.
   */
  static confine() {
    document.querySelector('.wall').prepend(document.getElementById('map'), document.getElementById('alarm-marks'));
  }

  /** Pixels of the map that panels cover: what is left is the hole in the page's grid. */
  padding() {
    const map = document.getElementById('map').getBoundingClientRect();
    const hole = document.querySelector('.wall-hole')?.getBoundingClientRect();
    if (!hole || hole.width < 80 || hole.height < 80) return { left: 0, right: 0, top: 0, bottom: 0 };
    const card = document.querySelector('.wall-card')?.getBoundingClientRect();
    // Beside a card where there is room, else below it; marks stand above their places.
    const beside = card && hole.right - card.right > hole.width / 2;
    const marks = Math.min(MARKS * parseFloat(getComputedStyle(document.documentElement).fontSize), hole.height / 4);
    return {
      left: (beside ? card.right : hole.left) - map.left,
      top: marks + (card && !beside ? Math.min(card.bottom, hole.top + hole.height * 0.5) : hole.top) - map.top,
      right: map.right - hole.right, bottom: map.bottom - hole.bottom,
    };
  }

  /** How sharp the map is drawn: less where the processor does it. Its text is the page's elsewhere. */
  pixelRatio({ clientWidth: width, clientHeight: height } = document.getElementById('map')) {
    const ratio = devicePixelRatio;
    return this.low && width * height > 0 ? Math.min(ratio, Math.sqrt(FEW_PIXELS / (width * height))) : ratio;
  }

  /** The window, or the warnings above the map, left it another size. */
  resized() {
    if (this.#cityMap === null) return;
    this.#cityMap.map.resize();
    const ratio = this.pixelRatio();
    if (ratio !== this.#cityMap.map.getPixelRatio()) this.#cityMap.map.setPixelRatio(ratio);
  }

  /** Stand at a stop of the tour: its own camera, or its place in the free part of the window. */
  stand({ camera, target, bounds }, how) {
    const own = camera ?? target?.camera;
    if (this.#cityMap === null) return;
    if (own) this.#go({ longitude: own.lon, latitude: own.lat, zoom: own.zoom + this.#larger(), pitch: own.pitch, bearing: own.bearing }, how);
    else if (bounds) this.showBounds(bounds, how);
  }

  /** The present view as a stop keeps it; null without a map. */
  view() {
    if (this.#cityMap === null) return null;
    const { longitude: lon, latitude: lat, zoom, pitch, bearing } = this.#cityMap.camera();
    const round = (value, digits) => Number(value.toFixed(digits));
    return { lon: round(lon, 6), lat: round(lat, 6), zoom: round(Math.max(0, zoom - this.#larger()), 2), pitch: round(pitch, 1), bearing: round(bearing, 1) };
  }

  /** Zooms by which the free part of this window is larger than the one that cameras on record are for: all show the same ground. */
  #larger() {
    const { clientWidth: width, clientHeight: height } = this.#cityMap.container;
    const { left, top, right, bottom } = this.padding();
    return Math.log2(Math.max(100, Math.min(width - left - right, height - top - bottom)) / RECORDED);
  }

  showBounds(bounds, how) {
    if (this.#cityMap === null) return;
    const inside = boundsWithin(bounds, this.store.state.scene.bounds);
    const [west, south, east, north] = spread(inside);
    const size = { width: this.#cityMap.container.clientWidth, height: this.#cityMap.container.clientHeight };
    this.#go(fitCamera([west, south, east, north], { ...size, padding: this.padding(), pitch: PITCH, bearing: BEARING }), how);
  }

  showPlace({ lon, lat }, how) {
    if (this.#cityMap === null) return;
    const zoom = ONE_BUILDING + Math.log2(this.#cityMap.scale);
    this.#go({ longitude: lon, latitude: lat, zoom, pitch: PITCH + 4, bearing: BEARING }, how);
  }

  #go({ longitude, latitude, zoom, pitch, bearing }, { cut, duration }) {
    if (this.#cityMap === null) return;
    const { map } = this.#cityMap;
    const camera = { center: [longitude, latitude], zoom, pitch, bearing, padding: this.padding() };
    if (cut) map.jumpTo(camera);
    else map.flyTo({ ...camera, duration, curve: 1.2 });
  }
}

/** A box with air around it, none so small that nothing of its neighbours is seen. */
function spread([west, south, east, north]) {
  const widen = (low, high) => {
    const more = Math.max((high - low) * AIR, (LEAST_SIDE - (high - low)) / 2);
    return [low - more, high + more];
  };
  const [[left, right], [bottom, top]] = [widen(west, east), widen(south, north)];
  return [left, bottom, right, top];
}
