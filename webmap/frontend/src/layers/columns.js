/** 人数柱: a thin column on each building, as high as it has residents, with the number on top where there is room. */
import { ColumnLayer, TextLayer } from '@deck.gl/layers';
import { columnHeight } from '../buildings/building-form.js';
import { tokenColor } from '../map/token-colors.js';

export const COLUMNS = 'resident-columns';
export const NUMBERS = 'resident-numbers';

/** All that stands in a number: nothing else is ever drawn. */
const CHARACTERS = '0123456789,.–≥'.split('');

const FONT = "'Inter Variable', 'Noto Sans CJK SC', sans-serif";

/** CSS pixels at 1080p. */
const RADIUS = 3;
const SIZE = 13;

/**
 * @param {object} drawn
 * @param {{residents: number, position: number[]}[]} drawn.columns
 * @param {object[]} drawn.labelled those of them that have a number
 * @param {(column: object) => string} drawn.text
 */
export function columnLayers({ columns, labelled, text, style, scale, beforeId }) {
  return [
    new ColumnLayer({
      id: COLUMNS,
      data: columns,
      beforeId,
      diskResolution: 6,
      radius: RADIUS * scale,
      radiusUnits: 'pixels',
      extruded: true,
      material: false,
      getPosition: ({ position }) => position,
      getElevation: ({ residents }) => columnHeight(residents),
      getFillColor: [...tokenColor('column'), 235],
      updateTriggers: { getFillColor: style },
    }),
    new TextLayer({
      id: NUMBERS,
      data: labelled, // over the names of the base map: here the numbers are what is asked for
      characterSet: CHARACTERS,
      fontFamily: FONT,
      fontWeight: 600,
      fontSettings: { sdf: true, fontSize: 48, buffer: 8, radius: 16 },
      outlineWidth: 3,
      outlineColor: [...tokenColor('column-halo'), 255],
      getColor: [...tokenColor('column-number'), 255],
      getSize: SIZE * scale,
      getText: text,
      getPosition: ({ position, residents }) => [...position, columnHeight(residents)],
      getAlignmentBaseline: 'bottom',
      getPixelOffset: [0, -2 * scale],
      parameters: { depthCompare: 'always', depthWriteEnabled: false },
      updateTriggers: { getColor: style, getText: text({ residents: 7 }) },
    }),
  ];
}
