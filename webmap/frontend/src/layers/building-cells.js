/** 楼栋汇总: squares with sums that stand for buildings where single ones would be too small to see. */
import { _Tileset2D as Tileset2D } from '@deck.gl/geo-layers';
import { GeoJsonLayer } from '@deck.gl/layers';
import { cellHectares, cellSide } from '../map/cell-size.js';
import { KeepingTileset } from '../map/loaded-tiles.js';
import { tokenColor } from '../map/token-colors.js';
import { tileOptions } from './tile-options.js';

export const BUILDING_CELLS = 'building-cells';

/** Name of the part of the tiles. */
const PART = 'building_cells';

/** Of 255; lines and names of the base map stay visible. */
const OPACITY = { fill: 225, underHeat: 120, edge: 255, chosen: 150 };

/**
 * @param {import('@deck.gl/geo-layers').MVTLayer} layer as the scene describes it
 * @param {object} look `{ metric, style, visible, heat, chosen, beforeId }`; `chosen`: id of a cell
 * @param {{onTileError: (error: Error) => void}} told
 */
export function buildingCellsLayer(layer, { metric, style, visible, heat, chosen, beforeId }, { onTileError }) {
  const color = layer.props.getFillColor;
  const opacity = heat ? OPACITY.underHeat : OPACITY.fill;
  return layer.clone({
    visible,
    beforeId,
    // Flat on the ground, drawn before everything that stands on it: depth would only make edge and fill fight.
    parameters: { depthCompare: 'always', depthWriteEnabled: false },
    stroked: true,
    getLineColor: [...tokenColor('cell-edge'), OPACITY.edge],
    getLineWidth: 1.5,
    lineWidthUnits: 'pixels',
    highlightedFeatureId: chosen,
    highlightColor: [...tokenColor('chosen'), OPACITY.chosen],
    TilesetClass: KeepingTileset,
    loadOptions: tileOptions(layer, [PART]),
    // Densities need the area of a cell, which its tile knows.
    renderSubLayers: (props) => {
      const hectares = cellHectares(props.tile.index);
      return new GeoJsonLayer({
        ...props, getFillColor: (feature, info) => [...color(feature, info, hectares).slice(0, 3), opacity],
      });
    },
    updateTriggers: { getFillColor: [metric, style, heat], getLineColor: style },
    onTileError,
  });
}

/** Chooses tiles as deck.gl's layers do; it never loads one. */
const chooser = new Tileset2D({});

/**
 * Zooms of the tiles of cells in a view, the finest first: one, and beyond 60° of pitch coarser ones in the distance.
 * @param {import('@deck.gl/core').WebMercatorViewport} viewport
 * @param {number} finest zoom of tiles of cells
 */
export function cellZooms(viewport, finest) {
  const chosen = chooser.getTileIndices({ viewport, minZoom: 0, maxZoom: finest });
  return [...new Set(chosen.map(({ z }) => z))].sort((one, other) => other - one);
}

/** What the card says about the cell under a pick; null for anything else. */
export function pickedCell(info) {
  const { properties, geometry, id } = info?.object ?? {};
  if (properties?.layerName !== PART) return null;
  const [ring] = geometry.coordinates;
  const middle = (axis) => (Math.min(...ring.map((at) => at[axis])) + Math.max(...ring.map((at) => at[axis]))) / 2;
  const { buildings, residents, drawn_height_m: height, floors } = properties;
  return {
    id: properties.id ?? id, buildings, residents, height, floors,
    tileZoom: info.tile.index.z, side: cellSide(info.tile.index), longitude: middle(0), latitude: middle(1),
  };
}
