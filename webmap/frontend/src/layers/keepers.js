/** 网格员: marks of where they are, by shape what they do, and the track of one day. */
import { PathStyleExtension } from '@deck.gl/extensions';
import { IconLayer, PathLayer, ScatterplotLayer } from '@deck.gl/layers';
import { KEEPER_STATES } from '../keepers/keeper-states.js';
import { tokenColor } from '../map/token-colors.js';
import { GroundPathLayer, groundSteps } from './on-ground.js';

export const KEEPERS = 'keepers';

/** Side of one mark in the atlas: twice what is ever drawn of it on a screen of 1080 lines. */
const SIDE = 64;

/** Metres that a mark is high, and pixels at 1080p that it is at least and at most. */
const SIZE = { metres: 62, least: 11, most: 27 };

/** Told by shape first: 越界 a pentagon, 失联 a broken ring, 走动 a disc, 停留 a square, 离岗 a small empty ring. */
const TOKENS = { outside: 'stale', silent: 'bad', moving: 'good', still: 'accent', off: 'text-faint' };

const OVER_ALL = { depthCompare: 'always', depthWriteEnabled: false };
/** Along the whole line: on a terrain it is of many short pieces. */
const DASHED = new PathStyleExtension({ dashMode: 'path' });

const css = (name, alpha = 1) => `rgb(${tokenColor(name).join(' ')} / ${alpha})`;

const OUTLINES = {
  outside: (pen) => [[32, 5], [59, 26], [49, 58], [15, 58], [5, 26]].forEach(([x, y], index) => pen[index ? 'lineTo' : 'moveTo'](x, y)),
  silent: (pen) => pen.arc(32, 32, 25, 0, 7),
  moving: (pen) => pen.arc(32, 32, 27, 0, 7),
  still: (pen) => pen.roundRect(7, 7, 50, 50, 9),
  off: (pen) => pen.arc(32, 32, 13, 0, 7),
};

/** Draw the mark of a state into a box of 64 × 64. `pen`: a 2D context. */
export function drawKeeper(pen, state) {
  const color = css(TOKENS[state]);
  const hollow = state === 'silent' || state === 'off';
  pen.lineWidth = state === 'off' ? 6 : 5;
  pen.setLineDash(state === 'silent' ? [11, 8] : []);
  pen.beginPath();
  OUTLINES[state](pen);
  pen.closePath();
  pen.fillStyle = hollow ? css('panel', 0.92) : color;
  pen.fill();
  pen.strokeStyle = hollow ? color : css('mark-edge');
  pen.stroke();
  if (state === 'off') return;
  pen.setLineDash([]);
  pen.fillStyle = hollow ? color : css('mark-edge');
  pen.beginPath();
  pen.arc(32, 24, 8, 0, 7);
  pen.fill();
  pen.beginPath();
  pen.arc(32, 49, 14, Math.PI, 0);
  pen.fill();
}

let atlas = { style: null, canvas: null };

/** Marks of all states side by side, in the colours of a style. */
function atlasOf(style) {
  if (atlas.style !== style) {
    const canvas = Object.assign(document.createElement('canvas'), { width: SIDE * KEEPER_STATES.length, height: SIDE });
    const pen = canvas.getContext('2d');
    for (const [index, state] of KEEPER_STATES.entries()) {
      pen.setTransform(1, 0, 0, 1, index * SIDE, 0);
      drawKeeper(pen, state);
    }
    atlas = { style, canvas };
  }
  return atlas.canvas;
}

const MAPPING = Object.fromEntries(KEEPER_STATES.map((state, index) => [
  state, { x: index * SIDE, y: 0, width: SIDE, height: SIDE },
]));

/**
 * @param {{code: string, lon: number, lat: number, state: string}[]} marks
 * @param {{style: string, scale: number, chosen: string|null}} look
 */
export function keepersLayer(marks, { style, scale, chosen }) {
  return new IconLayer({
    id: KEEPERS,
    data: marks,
    pickable: true,
    iconAtlas: atlasOf(style),
    iconMapping: MAPPING,
    getIcon: ({ state }) => state,
    getPosition: ({ lon, lat }) => [lon, lat],
    getSize: ({ code }) => (code === chosen ? 1.6 : 1) * SIZE.metres,
    sizeUnits: 'meters',
    sizeMinPixels: SIZE.least * scale,
    sizeMaxPixels: SIZE.most * scale,
    parameters: OVER_ALL,
    updateTriggers: { getSize: chosen },
  });
}

/** @param {object} lines of trackLines @param {{style: string, scale: number, beforeId: string}} look */
export function trackLayers({ walks, gaps, stops }, { style, scale, beforeId }) {
  const color = tokenColor('chosen');
  const line = { widthUnits: 'pixels', capRounded: true, jointRounded: true, parameters: OVER_ALL, beforeId };
  return [
    new PathLayer({
      ...line, id: 'track-edge', data: walks, getPath: ({ path }) => path, getColor: [...tokenColor('mark-edge'), 150], getWidth: 6 * scale,
      updateTriggers: { getColor: style },
    }),
    new GroundPathLayer({
      ...line, id: 'track-gaps', data: gaps, step: groundSteps(gaps.map(({ path }) => path)).line, getPath: ({ path }) => path, getColor: [...tokenColor('text-faint'), 230], getWidth: 2.5 * scale,
      getDashArray: [3, 3], extensions: [DASHED], updateTriggers: { getColor: style },
    }),
    new PathLayer({
      ...line, id: 'track-walks', data: walks, getPath: ({ path }) => path, getWidth: 3.2 * scale,
      getColor: ({ ages }) => ages.map((age) => [...color, Math.round(255 * age)]), updateTriggers: { getColor: style },
    }),
    new ScatterplotLayer({
      id: 'track-stops', data: stops, beforeId, getPosition: ({ lon, lat }) => [lon, lat], radiusUnits: 'pixels', lineWidthUnits: 'pixels',
      getRadius: ({ seconds }) => scale * Math.min(11, 4 + Math.sqrt(seconds) / 9), stroked: true, getLineWidth: 2 * scale,
      getFillColor: [...tokenColor('accent'), 210], getLineColor: tokenColor('mark-edge'), parameters: OVER_ALL,
      updateTriggers: { getFillColor: style, getLineColor: style },
    }),
  ];
}
