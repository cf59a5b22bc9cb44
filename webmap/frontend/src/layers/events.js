/** 事件: the heat map of the events of a time window. */
import { instant } from '../format.js';

export const HEAT = 'heat';

// Near a place the kernel must not cover the screen, far away it must not vanish.
const RADIUS_METRES = 150;
const RADIUS_PIXELS = { least: 14, most: 64 };

/** Hectares of one counting cell when the upper end of the colours is looked for. */
const CELL_METRES = 100;
const METRES_PER_DEGREE = 111_320;

const NICE = [1, 2, 3, 5, 8];

/** The next of 1, 2, 3, 5, 8, 10, 20, … at or above `value`. */
export function niceCeiling(value) {
  if (!(value > 1)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return (NICE.find((step) => step * power >= value) ?? 10) * power;
}

/**
 * The density at which the colours end: the 98th percentile of events per hectare over the cells that have any,
 * rounded up. It depends on the window only, never on the camera.
 * @param {{lon: number[], lat: number[]}} points degrees
 */
export function densityCeiling({ lon, lat }) {
  const counts = new Map();
  for (let index = 0; index < lon.length; index += 1) {
    const y = Math.floor((lat[index] * METRES_PER_DEGREE) / CELL_METRES);
    const x = Math.floor((lon[index] * METRES_PER_DEGREE * Math.cos((lat[index] * Math.PI) / 180)) / CELL_METRES);
    const cell = `${x}:${y}`;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  const sorted = [...counts.values()].sort((a, b) => a - b);
  return niceCeiling(sorted[Math.floor(sorted.length * 0.98)] ?? 1);
}

/** The points of a window together with what arrived since they were read. */
export function withRecent(points, recent, { from, to }) {
  const fresh = recent.filter((event) => {
    const at = instant(event.occurred_at);
    return at >= from && at < to && at > points.readAt;
  });
  if (fresh.length === 0) return points;
  return {
    ...points,
    lon: [...points.lon, ...fresh.map(({ lon }) => lon)],
    lat: [...points.lat, ...fresh.map(({ lat }) => lat)],
    at: [...points.at, ...fresh.map((event) => instant(event.occurred_at) / 1000)],
  };
}

/**
 * @param {import('./heatmap.js').GroundHeatmapLayer} layer as the scene describes it
 * @param {{lon: number[], lat: number[]}} points columns of degrees
 * @param {{max: number, metresPerPixel: number, beforeId: string}} look `max`: events per hectare of the last colour
 */
export function heatLayer(layer, points, { max, metresPerPixel, beforeId }) {
  const radius = Math.min(RADIUS_PIXELS.most, Math.max(RADIUS_PIXELS.least, RADIUS_METRES / metresPerPixel));
  return layer.clone({
    data: { length: points.lon.length, columns: points },
    getPosition: (_, { index, data }) => [data.columns.lon[index], data.columns.lat[index]],
    getWeight: 1,
    aggregation: 'SUM',
    colorDomain: null,
    densityDomain: [max * 0.04, max],
    radiusPixels: Math.round(radius),
    threshold: 0.02,
    debounceTimeout: 200,
    beforeId,
    visible: true,
    // Over everything: a hot yard between towers must not vanish behind them.
    parameters: { depthCompare: 'always', depthWriteEnabled: false },
  });
}
