/** 展开楼栋: storeys and rooms of a building taken apart, as the server's scene describes them, in the page's colours. */
import { PathLayer } from '@deck.gl/layers';
import { severityOf } from '../alarms/alarm-terms.js';
import { litStorey } from '../exploded/exploded-terms.js';
import { BUILDING_MATERIAL } from '../map/lighting.js';
import { tokenColor } from '../map/token-colors.js';

export const EXPLODED_ROOMS = 'exploded-rooms';
export const EXPLODED_SLABS = 'exploded-slabs';
export const EXPLODED_LINES = 'exploded-lines';

/** Of 255. A room that nobody has surveyed is an outline, whatever its colour. */
const ALPHA = { plain: 255, unsurveyed: 70, empty: 60, slab: 235 };

/** Pixels at 1080p. */
const WIDTH = { riser: 2, hovered: 2.5, lit: 3.5, chosen: 4 };

/** Of a storey: a room that an alarm lights stands up, whatever its state. */
const LIT_HEIGHT = 0.75;

/** Outlines are seen through what stands before them. */
const THROUGH = { depthCompare: 'always', depthWriteEnabled: false };

/** The colour of a part of a storey; what an alarm lights takes that of its severity. */
function colorOf({ room, unit, level, state }, { lit, scene }) {
  const alarm = lit.rooms.get(room) ?? null;
  if (alarm !== null) return [...tokenColor(`severity-${severityOf(alarm)}`), ALPHA.plain];
  const storey = litStorey(lit.storeys, scene.floors[level], unit || null);
  if (storey) return [...tokenColor(`severity-${severityOf(storey)}`), 150];
  return [...tokenColor(`room-${state}`), ALPHA[state] ?? ALPHA.plain];
}

/** Outlines of the rooms that are meant now, the most important last: `{ path, color, width }`. */
export function roomLines(rows, { at, height, drawn }) {
  const { room, hovered, riser, lit } = drawn;
  const kinds = [
    ['riser', ({ room: id }) => riser.has(id), () => tokenColor('accent')],
    ['lit', ({ room: id }) => lit.rooms.has(id), ({ room: id }) => tokenColor(`severity-${severityOf(lit.rooms.get(id))}`)],
    ['hovered', ({ room: id }) => id !== 0 && id === hovered, () => tokenColor('chosen')],
    ['chosen', ({ room: id }) => id !== 0 && id === room, () => tokenColor('chosen')],
  ];
  return kinds.flatMap(([kind, meant, color]) => rows.filter(meant).flatMap((row) => at(row).map((ring) => ({
    path: ring.map(([longitude, latitude, z]) => [longitude, latitude, z + height(row)]), color: color(row), width: WIDTH[kind],
  }))));
}

/**
 * @param {Map<string, import('@deck.gl/core').Layer>} described by the scene
 * @param {object} drawn what Exploded draws now, with `style`, `scale` and `below`
 * @returns {{standing: object[], marked: object[]}}
 */
export function explodedLayers(described, drawn) {
  const { scene, floor, progress, base, style, scale, below } = drawn;
  const shown = ({ level }) => floor === null || scene.floors[level] === floor;
  const [slabs, rooms] = [EXPLODED_SLABS, EXPLODED_ROOMS].map((id) => described.get(id));
  const [slabRows, roomRows] = [slabs, rooms].map(({ props: { data } }) => (floor === null ? data : data.filter(shown)));
  const at = rooms.props.getPolygon.at(progress, base);
  const height = (row) => (drawn.lit.rooms.has(row.room) ? LIT_HEIGHT * scene.measures.storey_m : rooms.props.getElevation(row));
  const common = {
    beforeId: below.labels, extruded: true, material: BUILDING_MATERIAL, standsItself: true,
    // Together its storeys are a block again: where they are lifted to follows the hand of the clock.
    updateTriggers: { getPolygon: `${progress} ${base}`, getElevation: drawn.lit, getFillColor: [style, drawn.lit], getLineColor: style },
  };
  return {
    standing: [
      slabs.clone({
        ...common, data: slabRows, getPolygon: slabs.props.getPolygon.at(progress, base), wireframe: true,
        getFillColor: [...tokenColor('room-slab'), ALPHA.slab], getLineColor: [...tokenColor('room-edge'), 160],
      }),
      rooms.clone({
        ...common, data: roomRows, getPolygon: at, getElevation: height, wireframe: true, pickable: true,
        getFillColor: (row) => colorOf(row, drawn), getLineColor: [...tokenColor('room-edge'), 220],
      }),
    ],
    marked: [
      new PathLayer({
        id: EXPLODED_LINES, beforeId: below.labels,
        data: roomLines(roomRows, { at, height, drawn }),
        getPath: ({ path }) => path, getColor: ({ color }) => color, getWidth: ({ width }) => width * scale,
        widthUnits: 'pixels', jointRounded: true, capRounded: true, parameters: THROUGH, standsItself: true,
      }),
    ],
  };
}
