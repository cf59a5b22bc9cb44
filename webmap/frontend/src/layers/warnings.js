/** 预警区域: outlines of the warnings in force, on the ground: a faint fill, and a line that buildings stand on. */
import { PathStyleExtension } from '@deck.gl/extensions';
import { GeoJsonLayer } from '@deck.gl/layers';
import { tokenColor } from '../map/token-colors.js';
import { groundSteps, lyingOnGround } from './on-ground.js';
import { colourOf, inOrder } from '../warnings/warning-terms.js';

export const WARNING_AREAS = 'warning-areas';
export const WARNING_EDGES = 'warning-edges';
export const WARNING_LINES = 'warning-lines';

const FILL = { plain: 18, chosen: 42 };

/** Pixels at 1080p. An edge is the dark line under a coloured one: yellow is seen on light ground, red on dark. */
const LINE = { plain: 3, chosen: 4.5 };
const EDGE = 2;

/** Lengths of dash and gap, in widths of the line: what is no real warning has a broken line. */
const DASHES = { true: [0, 0], false: [4, 3] };

/** Flat things lie on the ground in the order in which they are drawn; buildings, drawn later, stand on them. */
const ON_THE_GROUND = { depthCompare: 'always', depthWriteEnabled: false };

/** Along the whole line: on a terrain it is of many short pieces. */
const DASHED = new PathStyleExtension({ dashMode: 'path' });

/**
 * One feature per warning, the worst last; properties: id, colour, real, chosen.
 * @param {Iterable<object>} warnings
 * @param {number|null} chosen id of the one whose details are open
 */
export function warningFeatures(warnings, chosen) {
  return inOrder(warnings).reverse().filter(({ geometry }) => geometry).map((warning) => ({
    type: 'Feature',
    geometry: warning.geometry,
    properties: { id: warning.id, colour: colourOf(warning), real: warning.real, chosen: warning.id === chosen },
  }));
}

const width = ({ properties: { chosen } }) => (chosen ? LINE.chosen : LINE.plain);

const color = (alpha) => ({ properties }) => [...tokenColor(`warning-${properties.colour}`), alpha(properties)];

// An exercise fills nothing.
const fillAlpha = ({ real, chosen }) => (real ? (chosen ? FILL.chosen : FILL.plain) : 0);

/**
 * @param {object[]} features of warningFeatures
 * @param {{style: string, scale: number, below: {labels: string, lines: string}}} parts `scale` of lines: 1 at 1080p;
 *   `below`: layers of the base map, its lowest label and its lowest road
 * @returns {{ground?: object[], lines?: object[]}}
 */
export function warningLayers(features, { style, scale, below }) {
  if (features.length === 0) return {};
  const flat = {
    data: features, lineWidthUnits: 'pixels', lineJointRounded: true, parameters: ON_THE_GROUND,
    ...lyingOnGround(groundSteps(features.map(({ geometry }) => geometry.coordinates))),
  };
  return {
    ground: [
      new GeoJsonLayer({
        ...flat, id: WARNING_AREAS, beforeId: below.lines, stroked: false, getFillColor: color(fillAlpha),
        updateTriggers: { getFillColor: style },
      }),
    ],
    lines: [
      new GeoJsonLayer({
        ...flat, id: WARNING_EDGES, beforeId: below.labels, filled: false,
        getLineColor: ({ properties: { real } }) => [...tokenColor('warning-edge'), real ? 200 : 0],
        getLineWidth: (feature) => width(feature) + EDGE, lineWidthScale: scale,
        updateTriggers: { getLineColor: style },
      }),
      new GeoJsonLayer({
        ...flat, id: WARNING_LINES, beforeId: below.labels, filled: false,
        getLineColor: color(() => 255), getLineWidth: width, lineWidthScale: scale,
        getDashArray: ({ properties: { real } }) => DASHES[real], extensions: [DASHED],
        updateTriggers: { getLineColor: style },
      }),
    ],
  };
}
