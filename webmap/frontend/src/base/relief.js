/**
 * How high the ground is drawn: heights above the level around the terrain, as MapLibre shows them right now. Everything that
 * the page draws above the ground asks here; where no terrain is shown the answer is 0.
 */

import { drawnGround } from '../map/loaded-tiles.js';

/** Heights on a grid of so many rows and columns go to the graphics card. */
const CELLS = 256;

/** Beyond so many widths of the window, heights are not told from flat ground. */
const REACH = 3;

/** Tiles come one after another: look once for several. */
const TOGETHER = 120;

const METRES_PER_DEGREE = 111_320;

/**
 * The box in which heights are wanted: what is seen, as far as it is on the model and not too far.
 * @param {number[]} seen west, south, east, north, degrees
 * @param {number[]} model the same of the elevation model
 * @param {{longitude: number, latitude: number, metres: number}} view `metres`: that the window is wide
 * @returns {number[]|null} null where the model is out of view
 */
export function reliefBox(seen, model, { longitude, latitude, metres }) {
  const along = (REACH * metres) / METRES_PER_DEGREE;
  const across = along / Math.cos((latitude * Math.PI) / 180);
  const near = [longitude - across, latitude - along, longitude + across, latitude + along];
  const low = [0, 1].map((axis) => Math.max(seen[axis], model[axis], near[axis]));
  const high = [2, 3].map((axis) => Math.min(seen[axis], model[axis], near[axis]));
  return low[0] < high[0] && low[1] < high[1] ? [...low, ...high] : null;
}

/** Web Mercator, 0 to 1 from the north-west. */
const mercatorX = (longitude) => (longitude + 180) / 360;
const mercatorY = (latitude) => 0.5 - Math.asinh(Math.tan((latitude * Math.PI) / 180)) / (2 * Math.PI);

/** deck.gl counts it in 512 units around the world, from the south. */
const WORLD = 512;

/**
 * Heights at the corners of a grid.
 * @param {number[]} box degrees
 * @param {(x: number, y: number) => number} height metres at a place of Web Mercator, 0 to 1 from the north-west
 * @returns {{heights: Float32Array, cells: number, box: number[]}} rows from the south; `box` in deck.gl's units: x, y, width, height
 */
export function sampled([west, south, east, north], height, cells = CELLS) {
  const [left, right, low, high] = [mercatorX(west), mercatorX(east), mercatorY(south), mercatorY(north)];
  const heights = new Float32Array(cells * cells);
  for (let row = 0; row < cells; row += 1) {
    const y = low + ((high - low) * row) / (cells - 1);
    for (let column = 0; column < cells; column += 1) {
      const metres = height(left + ((right - left) * column) / (cells - 1), y);
      heights[row * cells + column] = Number.isFinite(metres) ? metres : 0;
    }
  }
  return { heights, cells, box: [left, 1 - low, right - left, low - high].map((part) => part * WORLD) };
}

/** Whether two grids say the same. */
function alike(one, other) {
  if (one === null || other === null) return one === other;
  return one.box.every((part, index) => part === other.box[index]) && one.heights.every((metres, index) => metres === other.heights[index]);
}

export class Relief {
  /** Another number when heights are others. */
  version = 0;

  /** As `sampled` gives it; null where no terrain is shown, or none is in view. */
  grid = null;

  /** Lowest and highest ground, metres: tiles beyond the screen's edge may stand into it. */
  range = [0, 0];

  #model = null;
  #timer = null;

  /**
   * @param {object} parts
   * @param {import('../map/map.js').CityMap} parts.cityMap
   * @param {(sourceId: string) => boolean} parts.isTerrain
   * @param {() => void} parts.onChange heights are others
   */
  constructor({ cityMap, isTerrain, onChange }) {
    Object.assign(this, { cityMap, onChange });
    const { map } = cityMap;
    map.on('moveend', () => this.#soon());
    map.on('terrain', () => this.#soon());
    map.on('sourcedata', ({ sourceId, tile }) => tile && isTerrain(sourceId) && this.#soon());
  }

  /** Is the ground shown as it is? */
  get on() {
    return this.#model !== null;
  }

  /** The level from which heights are counted, metres above the model's datum. */
  get level() {
    return this.#model?.level ?? 0;
  }

  /** The model that is shown, and the level from which heights are counted; null for flat ground. */
  show(model, level) {
    if (this.#model?.name === model?.name && this.#model?.level === level) return;
    this.#model = model && { ...model, level };
    this.range = model ? [model.lowest_m - level, model.highest_m - level] : [0, 0];
    this.#look(true);
  }

  /** Metres of the ground at a place, as it is drawn. */
  at(longitude, latitude) {
    return this.on ? this.cityMap.map.queryTerrainElevation([longitude, latitude]) ?? 0 : 0;
  }

  /** A place with its height above the ground → with that above the ground's zero. */
  over([longitude, latitude, metres = 0]) {
    return [longitude, latitude, metres + this.at(longitude, latitude)];
  }

  /** Metres at which something stands whose height above the datum is on record; where it is not, that of the ground at a place. */
  base(metres, longitude, latitude) {
    if (!this.on) return 0;
    return Number.isFinite(metres) ? metres - this.#model.level : this.at(longitude, latitude);
  }

  #soon() {
    if (this.on || this.grid !== null) this.#timer ??= setTimeout(() => this.#look(), TOGETHER);
  }

  #look(changed = false) {
    clearTimeout(this.#timer);
    this.#timer = null;
    const grid = this.on ? this.#sample() : null;
    if (!changed && alike(grid, this.grid)) return;
    this.grid = grid;
    this.version += 1;
    this.onChange();
  }

  #sample() {
    const { map } = this.cityMap;
    const { longitude, latitude } = this.cityMap.camera();
    const { metersPerPixel, width } = this.cityMap.viewport();
    const bounds = map.getBounds();
    const seen = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    const box = reliefBox(seen, this.#model.bounds, { longitude, latitude, metres: metersPerPixel * width });
    return box && sampled(box, drawnGround(map));
  }
}

/** Flat ground, until there is a map. */
export const FLAT = { on: false, version: 0, level: 0, grid: null, range: [0, 0], at: () => 0, over: (place) => place, base: () => 0, show: () => {} };
