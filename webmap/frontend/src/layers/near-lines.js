/** Arcs from an alarm to what is nearest to it, seen through buildings. */
import { ArcLayer } from '@deck.gl/layers';
import { RISE } from '../exploded/near-ends.js';
import { tokenColor } from '../map/token-colors.js';

export const NEAR_LINES = 'near-lines';

const THROUGH = { depthCompare: 'always', depthWriteEnabled: false };

/** @param {object[]} lines of endsOf */
export function nearLinesLayer(lines, { style, scale, below }) {
  return new ArcLayer({
    id: NEAR_LINES,
    data: lines,
    beforeId: below.labels,
    getSourcePosition: ({ from }) => from,
    getTargetPosition: ({ to }) => to,
    getSourceColor: [...tokenColor('near-line'), 110],
    getTargetColor: [...tokenColor('near-line'), 255],
    getWidth: 2 * scale,
    widthUnits: 'pixels',
    getHeight: RISE,
    parameters: THROUGH,
    standsItself: true,
    updateTriggers: { getSourceColor: style, getTargetColor: style },
  });
}
