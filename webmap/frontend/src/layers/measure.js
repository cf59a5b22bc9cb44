/** 量测: the figure that is being measured, seen through buildings. */
import { ScatterplotLayer } from '@deck.gl/layers';
import { tokenColor } from '../map/token-colors.js';
import { GroundPathLayer, GroundPolygonLayer, groundSteps } from './on-ground.js';

const FILL = 46;
const THROUGH = { depthCompare: 'always', depthWriteEnabled: false };

/**
 * @param {number[][]} points degrees; the last one may follow the pointer
 * @param {{area: boolean, corners: number, style: string, scale: number, beforeId: string}} look `corners`: how many points are set
 */
export function measureLayers(points, { area, corners, style, scale, beforeId }) {
  const color = tokenColor('measure');
  const flat = { beforeId, parameters: THROUGH };
  const closed = area && points.length > 2;
  const { fill, line } = groundSteps(points);
  return [
    ...(closed ? [new GroundPolygonLayer({
      ...flat, step: fill, id: 'measure-area', data: [points], getPolygon: (ring) => ring, getFillColor: [...color, FILL],
      updateTriggers: { getFillColor: style },
    })] : []),
    new GroundPathLayer({
      ...flat, step: line, id: 'measure-line', data: points.length > 1 ? [closed ? [...points, points[0]] : points] : [],
      getPath: (path) => path, getColor: color, getWidth: 2.5 * scale, widthUnits: 'pixels', capRounded: true, jointRounded: true,
      updateTriggers: { getColor: style },
    }),
    new ScatterplotLayer({
      ...flat, id: 'measure-points', data: points.slice(0, corners), getPosition: (point) => point, getRadius: 4.5 * scale,
      radiusUnits: 'pixels', getFillColor: tokenColor('panel'), stroked: true, getLineColor: color, getLineWidth: 2 * scale,
      lineWidthUnits: 'pixels', updateTriggers: { getFillColor: style, getLineColor: style },
    }),
  ];
}
