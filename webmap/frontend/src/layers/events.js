/** 事件: hexagons with numbers from afar, points by class near, or heat; and differences of two periods. */
import { ColumnLayer, ScatterplotLayer, TextLayer } from '@deck.gl/layers';
import { FINISHED } from '../events/event-columns.js';
import { signed } from '../events/event-compare.js';
import { freshness } from '../events/playback.js';
import { stepIndex } from '../map/scene-functions.js';
import { tokenColor } from '../map/token-colors.js';

export const HEAT = 'heat';
export const HEXAGONS = 'event-hexagons';
export const NUMBERS = 'event-numbers';
export const POINTS = 'event-points';

// Near a place the kernel must not cover the screen, far away it must not vanish.
const RADIUS_METRES = 150;
const RADIUS_PIXELS = { least: 14, most: 64 };

/** Hectares of one counting cell when the upper end of the colours is looked for. */
const CELL_METRES = 100;
const METRES_PER_DEGREE = 111_320;

const NICE = [1, 2, 3, 5, 8];

/** Over everything: what happened in a yard between towers must not vanish behind them. */
const OVER = { depthCompare: 'always', depthWriteEnabled: false };

/** Of 255. */
const ALPHA = { hexagon: 235, point: 245, faintest: 40 };

/** Share of a hexagon that is filled: the rest is the line between two of them. */
const FILLED = 0.95;

/** Pixels at 1080p. What is done is smaller and hollow. */
const POINT = { open: 6.5, finished: 4.5, line: 1.6 };
const TEXT_PIXELS = 13;

/** Steps of colours, from few to many and from fewer to more. */
export const SEQUENCE = ['hexagon-least', 'hexagon-less', 'hexagon-middle', 'hexagon-more', 'hexagon-most'];
export const DIVERGING = ['fewer-much', 'fewer', 'fewer-little', 'more-little', 'more', 'more-much'];

/** Colours of major classes by their number; another class has the last one. */
const CLASSES = ['a', 'b', 'c', 'd', 'e', 'f'];
export const classToken = (code) => `event-${/^0[1-6]/.test(code ?? '') ? CLASSES[Number(code[1]) - 1] : 'other'}`;

/** The next of 1, 2, 3, 5, 8, 10, 20, … at or above `value`. */
export function niceCeiling(value) {
  if (!(value > 1)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return (NICE.find((step) => step * power >= value) ?? 10) * power;
}

/** The number that 98 of 100 do not exceed, rounded up. */
const ceilingOf = (counts) => niceCeiling([...counts].sort((a, b) => a - b)[Math.floor(counts.length * 0.98)] ?? 1);

/**
 * The density at which the colours end: the 98th percentile of events per hectare over the cells that have any,
 * rounded up. It depends on the window only, never on the camera.
 * @param {{lon: ArrayLike<number>, lat: ArrayLike<number>}} points degrees
 */
export function densityCeiling({ lon, lat }) {
  const counts = new Map();
  for (let index = 0; index < lon.length; index += 1) {
    const y = Math.floor((lat[index] * METRES_PER_DEGREE) / CELL_METRES);
    const x = Math.floor((lon[index] * METRES_PER_DEGREE * Math.cos((lat[index] * Math.PI) / 180)) / CELL_METRES);
    const cell = x * 2 ** 26 + y;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  return ceilingOf([...counts.values()]);
}

/** The lowest number of each colour: rising, from 1 on, five at most. */
export function breaksOf(counts) {
  const end = ceilingOf([...counts].filter((count) => count > 0));
  return [...new Set([1, ...[0.1, 0.25, 0.5, 1].map((share) => Math.max(1, Math.ceil(end * share)))])];
}

/** The differences at which the colours of more and fewer change, without their sign. */
export function divergingBreaks(differences) {
  const end = ceilingOf([...differences].map(Math.abs).filter((size) => size > 0));
  return [1, ...[...new Set([Math.ceil(end / 3), Math.ceil((end * 2) / 3)])].filter((size) => size > 1)];
}

/** Colour of a step: fewer steps than colours are spread over all of them. */
const spread = (step, steps, colors) => colors[steps < 2 ? colors.length - 1 : Math.round((step * (colors.length - 1)) / (steps - 1))];

/** Name of the colour of a count, the breaks being those of breaksOf. */
export const countToken = (count, breaks) => spread(stepIndex(count, breaks) - 1, breaks.length, SEQUENCE);

/** Name of the colour of a difference. */
export function differenceToken(more, breaks) {
  const step = stepIndex(Math.abs(more), breaks) - 1;
  return spread(step, breaks.length, more > 0 ? DIVERGING.slice(3) : DIVERGING.slice(0, 3).reverse());
}

/** What is read on a colour: dark on light and light on dark. */
function wordsOn([red, green, blue]) {
  return red * 0.299 + green * 0.587 + blue * 0.114 > 140 ? [16, 22, 28, 255] : [255, 255, 255, 255];
}

/**
 * Hexagons in colours with their numbers in them; over the names of the map, which would cover the numbers.
 * @param {{middles: Float64Array, values: ArrayLike<number>}} cells degrees in pairs; what stands in each
 * @param {{width: number, metresPerPixel: number, scale: number, token: (value: number) => string,
 *   words: (value: number) => string}} look
 */
export function hexagonLayers({ middles, values }, { width, metresPerPixel, scale, token, words }) {
  if (values.length === 0) return [];
  const fills = new Uint8Array(values.length * 4);
  for (let cell = 0; cell < values.length; cell += 1) {
    fills.set(tokenColor(token(values[cell])), 4 * cell);
    fills[4 * cell + 3] = ALPHA.hexagon;
  }
  const pixels = Math.min(TEXT_PIXELS * scale, (width / metresPerPixel) * 0.3);
  return [
    new ColumnLayer({
      id: HEXAGONS, parameters: OVER, extruded: false, diskResolution: 6, angle: 30,
      radius: (width / Math.sqrt(3)) * FILLED,
      data: { length: values.length, attributes: {
        getPosition: { value: middles, size: 2 }, getFillColor: { value: fills, size: 4, normalized: true },
      } },
    }),
    new TextLayer({
      id: NUMBERS, parameters: OVER, sizeUnits: 'pixels', getSize: pixels, characterSet: NUMBER_CHARACTERS,
      fontFamily: 'Inter Variable, sans-serif', fontWeight: 600, fontSettings: { fontSize: 48, buffer: 6 },
      data: Array.from(values, (value, cell) => ({
        position: [middles[2 * cell], middles[2 * cell + 1]], words: words(value), color: wordsOn(tokenColor(token(value))),
      })),
      getPosition: ({ position }) => position, getText: ({ words: text }) => text, getColor: ({ color }) => color,
    }),
  ];
}

const NUMBER_CHARACTERS = '0123456789+−,.k';

/** A number in a hexagon: "950", "1.2k", "12k". */
export function short(value) {
  const size = Math.abs(value);
  if (size < 1000) return String(size);
  return `${(size / 1000).toFixed(size < 9950 ? 1 : 0)}k`;
}

export const shortSigned = (value) => signed(value, short);

/**
 * One point per event, its class by colour and its state by shape: full while something is to be done, hollow when it is.
 * @param {object} events as event-columns.js tells them
 * @param {{start: number, end: number, head?: number, trail?: number, chosen: number|null, scale: number,
 *   beforeId: string}} look rows to draw; with a head, older ones fade; `chosen`: id
 */
export function pointLayer(events, { start, end, head, trail, chosen, scale, beforeId }) {
  const length = end - start;
  const [positions, fills, lines, radii] = [
    new Float64Array(2 * length), new Uint8Array(4 * length), new Uint8Array(4 * length), new Float32Array(length)];
  const colors = events.classes.map((code) => tokenColor(classToken(code)));
  const other = tokenColor(classToken(''));
  const edge = tokenColor('mark-edge');
  const finished = FINISHED.map((state) => events.states.indexOf(state));
  let row = -1;
  for (let index = 0; index < length; index += 1) {
    const from = start + index;
    if (events.id[from] === chosen) row = index;
    const done = finished.includes(events.state[from]);
    const alpha = head === undefined ? ALPHA.point
      : Math.round(ALPHA.faintest + (ALPHA.point - ALPHA.faintest) * freshness(events.at[from], head, trail));
    const color = colors[events.class[from]] ?? other;
    positions[2 * index] = events.lon[from];
    positions[2 * index + 1] = events.lat[from];
    fills.set(color, 4 * index);
    fills[4 * index + 3] = done ? 0 : alpha;
    lines.set(done ? color : edge, 4 * index);
    lines[4 * index + 3] = alpha;
    radii[index] = done ? POINT.finished : POINT.open;
  }
  return new ScatterplotLayer({
    id: POINTS, beforeId, parameters: OVER, pickable: true, billboard: true, stroked: true, radiusUnits: 'pixels', radiusScale: scale,
    lineWidthUnits: 'pixels', getLineWidth: POINT.line * scale, highlightedObjectIndex: row,
    highlightColor: [...tokenColor('chosen'), 255],
    data: { length, attributes: {
      getPosition: { value: positions, size: 2 }, getFillColor: { value: fills, size: 4, normalized: true },
      getLineColor: { value: lines, size: 4, normalized: true }, getRadius: { value: radii, size: 1 },
    } },
  });
}

/**
 * @param {import('./heatmap.js').GroundHeatmapLayer} layer as the scene describes it
 * @param {object} events as event-columns.js tells them
 * @param {{start: number, end: number, max: number, metresPerPixel: number, beforeId: string}} look rows to draw; `max`:
 *   events per hectare of the last colour
 */
export function heatLayer(layer, events, { start, end, max, metresPerPixel, beforeId }) {
  const radius = Math.min(RADIUS_PIXELS.most, Math.max(RADIUS_PIXELS.least, RADIUS_METRES / metresPerPixel));
  return layer.clone({
    data: { length: end - start, columns: events, start },
    getPosition: (_, { index, data }) => [data.columns.lon[data.start + index], data.columns.lat[data.start + index]],
    getWeight: 1,
    aggregation: 'SUM',
    colorDomain: null,
    densityDomain: [max * 0.04, max],
    radiusPixels: Math.round(radius),
    threshold: 0.02,
    debounceTimeout: 200,
    beforeId,
    visible: true,
    parameters: OVER,
  });
}
