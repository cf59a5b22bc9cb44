/** 网格员: where they were at an instant of the past. */
import { ScatterplotLayer } from '@deck.gl/layers';
import { tokenColor } from '../map/token-colors.js';

/**
 * @param {{lon: number, lat: number}[]} keepers degrees
 * @param {{scale: number, style: string, beforeId: string}} look
 */
export function keeperLayer(keepers, { scale, style, beforeId }) {
  return new ScatterplotLayer({
    id: 'keepers-past', data: keepers, beforeId, parameters: { depthCompare: 'always', depthWriteEnabled: false },
    stroked: true, radiusUnits: 'pixels', getRadius: 6 * scale, lineWidthUnits: 'pixels', getLineWidth: 3 * scale,
    getPosition: ({ lon, lat }) => [lon, lat], getFillColor: [...tokenColor('ground'), 255], getLineColor: [...tokenColor('past'), 255],
    updateTriggers: { getFillColor: style, getLineColor: style },
  });
}
