/** 量测: distances and areas on the ground, point by point. */
import { measureLayers } from '../layers/measure.js';
import { MeasureLabels } from '../layers/measure-labels.js';
import { NO_MEASURE } from './tool-state.js';

/** Nobody measures with more points by hand. */
const MOST = 200;


/** Which side of the line from a to b c lies on. */
const side = ([ax, ay], [bx, by], [cx, cy]) => Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));

/** Whether a ring of points runs over itself: such a figure has no area. O(n²), for figures drawn by hand. */
export function crossesItself(points) {
  const edges = points.map((point, index) => [point, points[(index + 1) % points.length]]);
  return edges.some(([a, b], one) => edges.some(([c, d], other) => (
    other > one + 1 && !(one === 0 && other === edges.length - 1)
    && side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0
  )));
}

export class Measure {
  #cityMap = null;
  #labels = null;
  #geodesic = null;

  /** @param {{store: import('../store.js').Store, onChange: () => void}} parts `onChange`: there is another figure to draw */
  constructor({ store, onChange }) {
    Object.assign(this, { store, onChange });
  }

  opened(cityMap) {
    this.#cityMap = cityMap;
    this.#labels = new MeasureLabels(cityMap);
    const { map } = cityMap;
    map.on('mousemove', ({ lngLat }) => this.#state.mode && !this.#state.done && this.#set({ pointer: lngLat.toArray() }));
    map.on('dblclick', (event) => {
      if (!this.#state.mode || this.#state.done) return;
      event.preventDefault(); // it would zoom
      this.finish();
    });
  }

  layers({ style, scale, below }) {
    const { mode, points, pointer, done } = this.#state;
    if (mode === null) return {};
    const drawn = pointer && !done ? [...points, pointer] : points;
    return { over: measureLayers(drawn, { area: mode === 'area', corners: points.length, style, scale, beforeId: below.labels }) };
  }

  /** Begin to measure 'distance' or 'area'; the same one again ends it. */
  async toggle(mode) {
    if (this.#state.mode === mode) return this.stop();
    this.#geodesic ??= await import('./geodesic.js');
    this.#set({ ...NO_MEASURE, mode });
    this.#cityMap?.container.toggleAttribute('data-measuring', true);
    return undefined;
  }

  stop() {
    this.#cityMap?.container.toggleAttribute('data-measuring', false);
    this.#set({ ...NO_MEASURE });
  }

  /** A click while something is measured is a point of it. */
  takesClick({ lngLat }) {
    const { mode, points, done } = this.#state;
    if (mode === null) return false;
    const point = lngLat.toArray();
    if (done) this.#points([point], { done: false }); // a figure is finished: this begins the next
    else if (points.length < MOST && String(points.at(-1)) !== String(point)) this.#points([...points, point]);
    return true;
  }

  /** Take back the last point. */
  undo() {
    this.#points(this.#state.points.slice(0, -1), { done: false });
  }

  /** No more points; the figure stays. */
  finish() {
    this.#set({ done: true, pointer: null });
  }

  putAway() {
    const measuring = this.#state.mode !== null;
    if (measuring) this.stop();
    return measuring;
  }

  #points(points, changes = {}) {
    const { mode } = this.#state;
    const ring = mode === 'area' && points.length > 2;
    const crossing = ring && crossesItself(points);
    this.#set({
      ...changes, points, crossing,
      lengths: this.#geodesic.lengths(ring ? [...points, points[0]] : points),
      area: ring && !crossing ? this.#geodesic.area(points) : null,
    });
  }

  get #state() {
    return this.store.state.measure;
  }

  #set(changes) {
    this.store.set('measure', { measure: { ...this.#state, ...changes } });
    this.#labels?.show(this.#state);
    this.onChange();
  }
}
