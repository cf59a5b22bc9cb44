/** 建筑: extruded buildings from vector tiles. Colour and height come from the scene; the rest is decided here. */
import { BUILDING_MATERIAL } from '../lighting.js';
import { KeepingTileset } from '../loaded-tiles.js';
import { tokenColor } from '../token-colors.js';

export const BUILDINGS = 'buildings';

// Of 255; the colours are in tokens.css.
const OPACITIES = { edge: 110, chosen: 140 };

// Under the event heat buildings step back, or their roofs would hide it.
const OPACITY = { plain: 1, underHeat: 0.42 };

// Metres above ground that a building may reach. Without it deck.gl takes a tile for flat: towers of a tile just
// below the screen's edge are missing, and a click on a roof that stands over the next tile's ground meets nothing.
const HEIGHT_RANGE = [0, 400];

// Beside this script; relative to the server, or loaders.gl would wrap it in a blob.
const WORKER_URL = new URL(MVT_WORKER, import.meta.url).pathname; // eslint-disable-line no-undef

/**
 * @param {import('@deck.gl/geo-layers').MVTLayer} layer as the scene describes it
 * @param {object} look `{ metric, style, visible, heat, selected, beforeId }`
 * @param {(error: Error) => void} onTileError
 */
export function buildingsLayer(layer, { metric, style, visible, heat, selected, beforeId }, onTileError) {
  return layer.clone({
    visible,
    beforeId,
    pickable: true,
    extruded: true,
    opacity: heat ? OPACITY.underHeat : OPACITY.plain,
    wireframe: true,
    getLineColor: [...tokenColor('building-edge'), OPACITIES.edge],
    lineWidthMinPixels: 0,
    material: BUILDING_MATERIAL,
    zRange: HEIGHT_RANGE,
    uniqueIdProperty: 'id',
    highlightedFeatureId: selected,
    highlightColor: [...tokenColor('chosen'), OPACITIES.chosen],
    TilesetClass: KeepingTileset,
    loadOptions: { ...layer.props.loadOptions, mvt: { workerUrl: WORKER_URL } },
    // deck.gl does not compare functions: these tell it that the colours are other ones.
    updateTriggers: { getFillColor: [metric, style], getLineColor: style },
    onTileError,
  });
}

/** The id of the building under a pick, from its tile; null when it carries none. */
export function buildingId(info) {
  const { properties, id } = info?.object ?? {};
  const value = Number(properties?.id ?? properties?.building_id ?? id);
  return Number.isSafeInteger(value) ? value : null;
}
