/** 网格着色: outlines of grids, and from afar of communities, in the colour of a figure; flat, under the roads. */
import { FillStyleExtension } from '@deck.gl/extensions';
import { GeoJsonLayer } from '@deck.gl/layers';
import { KeepingTileset } from '../map/loaded-tiles.js';
import { tokenColor } from '../map/token-colors.js';
import { groundSteps, lyingOnGround, TILE_STEPS } from './on-ground.js';
import { tileOptions } from './tile-options.js';

export const COMMUNITY_FIGURES = 'community-figures';
export const GRID_FIGURES = 'grid-figures';

/** Name of the part of the tiles, by layer. */
const PARTS = { [COMMUNITY_FIGURES]: 'areas', [GRID_FIGURES]: 'grids' };

/** Of 255: water and parks stay visible through the fill. */
const OPACITY = 205;

/** What nobody knows is hatched, lines by OPACITY and this between them: told from all classes without its colour. */
const BETWEEN = 40;
const HATCH = new FillStyleExtension({ proceduralPattern: true });
const PATTERNS = { unknown: { type: 'hatch', strokeWidth: 1.6, gap: 6.4, angle: 45 } };

/** Pixels at 1080p of the line around the grid whose card is open, and of the dark one under it. */
const CHOSEN = { line: 3, edge: 6 };

/** Drawn before everything that stands on it: depth would only make neighbours fight. */
const ON_THE_GROUND = { depthCompare: 'always', depthWriteEnabled: false };

/** Features of a tile → those that are drawn of them. Kept, because deck.gl takes another list for other data. */
const communities = new WeakMap();

/** Of areas the tiles hold counties and streets as well. */
function drawnOf(id, features) {
  if (id !== COMMUNITY_FIGURES || !Array.isArray(features)) return features;
  if (!communities.has(features)) {
    communities.set(features, features.filter(({ properties }) => properties.level === 'community'));
  }
  return communities.get(features);
}

/**
 * @param {import('@deck.gl/geo-layers').MVTLayer} layer as the scene describes it: its colour takes the figure for a
 *   property of the feature, by the name of the figure
 * @param {object} look `{ figure, value, version, style, scale, beforeId }`; `value`: (code) → number or null,
 *   `version`: another one when values are other ones
 * @param {{onTileError: (error: Error) => void}} told
 */
export function gridAreasLayer(layer, { figure, value, version, style, scale, beforeId }, { onTileError }) {
  const declared = layer.props.getFillColor;
  const color = (code) => declared({ properties: { [figure]: value(code) } }).slice(0, 3);
  const { id } = layer;
  return layer.clone({
    beforeId,
    // Outlines are few, and plain features can be told apart by what they are.
    binary: false,
    parameters: ON_THE_GROUND,
    TilesetClass: KeepingTileset,
    loadOptions: tileOptions(layer, [PARTS[id]]),
    renderSubLayers: (props) => new GeoJsonLayer({
      ...props,
      ...lyingOnGround(TILE_STEPS),
      data: drawnOf(id, props.data),
      extensions: [...props.extensions ?? [], HATCH],
      fillPatternMapping: PATTERNS,
      fillPatternSizeUnits: 'pixels',
      getFillPatternScale: scale,
      getFillPattern: ({ properties }) => (value(properties.code) === null ? 'unknown' : 'none'),
      getFillPatternBackgroundColor: ({ properties }) => [...color(properties.code), BETWEEN],
    }),
    getFillColor: ({ properties }) => [...color(properties.code), OPACITY],
    updateTriggers: Object.fromEntries(
      ['getFillColor', 'getFillPattern', 'getFillPatternBackgroundColor'].map((name) => [name, `${version} ${style}`])),
    onTileError,
  });
}

/** The outline of the grid whose card is open: its colour stays what the legend says. */
export function chosenGridLayers(geometry, { style, scale, beforeId }) {
  const line = {
    data: [{ type: 'Feature', geometry, properties: {} }], filled: false, lineWidthUnits: 'pixels', lineJointRounded: true,
    parameters: ON_THE_GROUND, beforeId, updateTriggers: { getLineColor: style }, ...lyingOnGround(groundSteps(geometry.coordinates)),
  };
  return [
    new GeoJsonLayer({ ...line, id: 'chosen-grid-edge', getLineColor: tokenColor('warning-edge'), getLineWidth: CHOSEN.edge * scale }),
    new GeoJsonLayer({ ...line, id: 'chosen-grid', getLineColor: tokenColor('chosen'), getLineWidth: CHOSEN.line * scale }),
  ];
}

/** Code of the place under a pick; null for none. */
export const pickedCode = (info) => info?.object?.properties?.code ?? null;
