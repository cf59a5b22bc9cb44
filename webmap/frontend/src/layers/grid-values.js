/** 网格数值: the figure of each grid as a number in its middle. */
import { TextLayer } from '@deck.gl/layers';
import { FONTS } from '../map/style.js';
import { tokenColor } from '../map/token-colors.js';

export const GRID_VALUES = 'grid-values';

/** Pixels at 1080p: of the text, and free around it. */
export const VALUE = { size: 14, wide: 8.6, padding: [7, 4], gap: 4 };

/** All that a number is written with. */
const CHARACTERS = [...'0123456789,%—'];

/** How large a text stands on the screen, in pixels. */
export function valueSize(text, scale) {
  const [across, above] = VALUE.padding;
  return { width: (text.length * VALUE.wide + 2 * across) * scale, height: (VALUE.size * 1.2 + 2 * above) * scale };
}

/**
 * @param {{code: string, lon: number, lat: number, text: string}[]} values
 * @param {{scale: number, style: string}} look `scale`: 1 at 1080p
 */
export function gridValuesLayer(values, { scale, style }) {
  const [across, above] = VALUE.padding;
  return new TextLayer({
    id: GRID_VALUES,
    data: values,
    getPosition: ({ lon, lat }) => [lon, lat],
    getText: ({ text }) => text,
    getSize: VALUE.size * scale,
    getColor: tokenColor('text'),
    fontFamily: FONTS,
    fontWeight: 600,
    characterSet: CHARACTERS,
    background: true,
    getBackgroundColor: [...tokenColor('panel'), 222],
    getBorderColor: tokenColor('line-strong'),
    getBorderWidth: scale,
    backgroundPadding: [across * scale, above * scale],
    backgroundBorderRadius: 4 * scale,
    // Numbers are read from above whatever stands there.
    parameters: { depthCompare: 'always', depthWriteEnabled: false },
    updateTriggers: { getColor: style, getBackgroundColor: style, getBorderColor: style },
  });
}
