/** 楼栋: extruded buildings from vector tiles. Colour comes from the scene; the rest is decided here. */
import { formHeight, formReach } from '../buildings/building-form.js';
import { GeoJsonLayer } from '@deck.gl/layers';
import { BUILDING_MATERIAL } from '../map/lighting.js';
import { KeepingTileset } from '../map/loaded-tiles.js';
import { tokenColor } from '../map/token-colors.js';
import { BlockLayer } from './blocks.js';
import { standing } from './standing.js';
import { tileOptions } from './tile-options.js';

/** Id of the layer, and name of its part of the tiles. */
export const BUILDINGS = 'buildings';

/** Part of a tile that was too full: a point that says how many buildings it leaves out. */
const HIDDEN = 'buildings_hidden';

// Of 255; the colours are in tokens.css.
const OPACITIES = { edge: 110, chosen: 140 };

// Under the event heat buildings step back, or their roofs would hide it.
const OPACITY = { plain: 1, underHeat: 0.42, besideApart: 0.05 };

/**
 * @param {import('@deck.gl/geo-layers').MVTLayer} layer as the scene describes it
 * @param {object} look `{ metric, form, style, visible, heat, quiet, selected, apart, beforeId }`; `quiet`: all are
 *   grey, because something else is coloured; `apart`: code of the building that
 *   is drawn storey by storey in another layer, or null: of it only the ground plan stays, and the others step back (its
 *   code, because ids of a tile's features reach no accessor); `relief`: the ground on which they stand; `plain`: frames have to be
 *   cheap, so that blocks have no edges
 * @param {{onTileError: (error: Error) => void, onTiles: (tiles: object[]) => void}} told
 */
export function buildingsLayer(layer, { metric, form, style, visible, heat, quiet, selected, apart, relief, beforeId, plain = false }, { onTileError, onTiles }) {
  const grey = apart !== null ? 'beside-apart' : quiet ? 'building-quiet' : null;
  return layer.clone({
    visible,
    beforeId,
    pickable: !plain,
    extruded: true,
    opacity: apart === null ? (heat ? OPACITY.underHeat : OPACITY.plain) : OPACITY.besideApart,
    wireframe: !plain,
    getLineColor: [...tokenColor('building-edge'), OPACITIES.edge],
    lineWidthMinPixels: 0,
    material: BUILDING_MATERIAL,
    getElevation: ({ properties }) => (apart !== null && properties.code === apart ? 0 : formHeight(form, properties)),
    // Without it deck.gl takes a tile for flat: towers of a tile just below the screen's edge are missing, and a click
    // on a roof that stands over the next tile's ground meets nothing.
    zRange: formReach(form),
    highlightedFeatureId: selected,
    highlightColor: [...tokenColor('chosen'), OPACITIES.chosen],
    _subLayerProps: { 'polygons-fill': { type: BlockLayer } },
    standsItself: true,
    renderSubLayers: (props) => new GeoJsonLayer({ ...props, data: standing(props, relief) }),
    TilesetClass: KeepingTileset,
    // All that a first view holds at once: a tile counts as asked for until its worker, which may have to begin first, has read it.
    maxRequests: 48,
    loadOptions: tileOptions(layer, [BUILDINGS, HIDDEN]),
    pointType: '', // what is hidden is said in words
    // deck.gl does not compare functions: these tell it that the colours are other ones.
    updateTriggers: { getFillColor: [metric, style, grey], getLineColor: style, getElevation: [form, apart] },
    ...(grey === null ? {} : { getFillColor: tokenColor(grey) }),
    onTileError,
    onViewportLoad: onTiles,
  });
}

/** How many buildings the tiles in view leave out because they would be too full. */
export function hiddenIn(tiles) {
  const numbers = tiles.flatMap(({ content }) => [...(content?.points?.numericProps?.hidden?.value ?? [])]);
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** The id of the building under a pick, from its tile; null when it carries none. */
export function buildingId(info) {
  const { properties, id } = info?.object ?? {};
  const value = Number(properties?.id ?? properties?.building_id ?? id);
  return Number.isSafeInteger(value) ? value : null;
}
