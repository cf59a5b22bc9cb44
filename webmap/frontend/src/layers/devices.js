/** 设备、部件: their tiles, and the marks of what is in them. */
import { GeoJsonLayer, IconLayer, TextLayer } from '@deck.gl/layers';
import { countWords, ringOf } from '../devices/device-groups.js';
import { kindIcon, rankOf } from '../devices/device-terms.js';
import { KeepingTileset } from '../map/loaded-tiles.js';
import { tokenColor } from '../map/token-colors.js';
import { tileOptions } from './tile-options.js';

/** Ids of the layers of tiles, and names of their parts. */
export const DEVICES = 'devices';
export const FACILITIES = 'facilities';

export const MARKS = 'device-marks';

/** Widths at 1080p, pixels: of the picture, of which a sixth is empty rim. */
const SINGLE = 31;
const GROUP = 43;

/** How much narrower the mark of several is of which none is in trouble. */
const QUIET = 0.74;

/**
 * How far marks stand apart at least, pixels at 1080p. From afar twice as far: side by side, hundreds of marks would be a second
 * city over the first.
 */
export const apartAt = (zoom) => (zoom < 17.5 ? 68 : 34);

/** Late or lost, or a facility that is broken: what the eye is to find. */
const inTrouble = ({ rank }) => rank >= rankOf('late');

// Through everything: most devices are inside buildings.
const PARAMETERS = { depthCompare: 'always', depthWriteEnabled: false };

/** Tiles that draw nothing by themselves: what they hold is told to `onTiles` as it comes. */
export function thingTiles(layer, { onTile, onTiles, onTileError }) {
  return layer.clone({
    visible: true,
    pickable: false,
    TilesetClass: KeepingTileset,
    loadOptions: tileOptions(layer, [layer.id]),
    renderSubLayers: ({ id }) => new GeoJsonLayer({ id, data: [], visible: false }),
    onTileLoad: onTile,
    onViewportLoad: onTiles,
    onTileError,
  });
}

/** The name of a group's picture and how it is drawn. */
export function lookOf({ members, rank }, iconOf) {
  const square = members.every(({ what }) => what === 'facility');
  if (members.length > 1) {
    const { lost, late } = ringOf(members);
    return [`ring ${square} ${lost} ${late}`, { kind: 'ring', square, lost, late }];
  }
  const icon = iconOf(members[0]);
  return [`single ${square} ${rank} ${icon}`, { kind: 'single', square, rank, icon }];
}

/** The picture of one thing: `classes` are those of facilities by their code. */
export const iconOf = (icons) => ({ what, kind, class_code: code }) => (
  what === 'facility' ? icons.get(code) ?? 'facility' : kindIcon(kind));

/**
 * @param {object[]} groups as groupThings makes them, with `look` the name of the picture
 * @param {import('./mark-atlas.js').MarkAtlas} atlas
 * @param {{scale: number, style: string, chosen: object|null}} view `chosen`: what is open, drawn whatever is shown beside it
 */
export function markLayers(groups, atlas, { scale, style, chosen }) {
  // What is worst lies on top.
  const sorted = [...groups].sort((one, other) => one.rank - other.rank);
  const several = sorted.filter(({ members }) => members.length > 1);
  const icons = { iconAtlas: atlas.canvas, iconMapping: atlas.mapping, sizeUnits: 'pixels', billboard: true, parameters: PARAMETERS };
  const position = ({ lon, lat, z }) => [lon, lat, z];
  const size = (group) => scale * (group.members.length > 1 ? GROUP * (inTrouble(group) ? 1 : QUIET) : SINGLE);
  const layers = [
    new IconLayer({
      ...icons, id: MARKS, data: sorted, pickable: true, alphaCutoff: 0.2, getPosition: position, getIcon: ({ look }) => look,
      getSize: size, updateTriggers: { getIcon: style, getSize: scale },
    }),
    new TextLayer({
      id: 'device-counts', data: several, getPosition: position, getText: ({ members }) => countWords(members.length),
      getColor: (group) => tokenColor(inTrouble(group) ? 'text' : 'text-soft'), getSize: (group) => (inTrouble(group) ? 13 : 11) * scale, fontFamily: 'Inter Variable, sans-serif', fontWeight: 650,
      characterSet: '0123456789k', parameters: PARAMETERS, updateTriggers: { getColor: style, getSize: scale },
    }),
  ];
  if (chosen) {
    layers.push(new IconLayer({
      ...icons, id: 'device-chosen', data: [chosen], getPosition: position, getIcon: ({ look }) => look, getSize: scale * SINGLE * 1.2,
    }));
  }
  return layers;
}

/** The group under a pick. */
export const pickedGroup = (info) => (info?.object?.members ? info.object : null);

/** A thing of a tile as a mark needs it. */
export function asThing(what, { id, code, kind, name, class_code: classCode, state, building_id: building, floor, z_m: z, lon, lat }, freshness) {
  return {
    what, key: `${what} ${code}`, id, code, kind, class_code: classCode, name, building_id: building, floor, lon, lat, z: z ?? 0,
    state: what === 'facility' ? state : freshness, rank: rankOf(what === 'facility' ? state : freshness),
  };
}
