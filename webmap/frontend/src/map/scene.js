/** The scene: what the server's pydeck describes, turned into deck.gl layers. */
import { JSONConfiguration, JSONConverter } from '@deck.gl/json';
import { MVTLayer } from '@deck.gl/geo-layers';
import { GeoJsonLayer, PolygonLayer, ScatterplotLayer } from '@deck.gl/layers';
import { ApiError, requestJson } from '../api.js';
import { t } from '../i18n/index.js';
import { GroundHeatmapLayer } from '../layers/heatmap.js';
import { categoryColor, plainColor, stateHeight, stepColor, storeyPolygon } from './scene-functions.js';

// Only these may be named by a scene; everything else in it is data.
const CLASSES = { GeoJsonLayer, HeatmapLayer: GroundHeatmapLayer, MVTLayer, PolygonLayer, ScatterplotLayer };
const FUNCTIONS = { categoryColor, plainColor, stateHeight, stepColor, storeyPolygon };

/** Ask the server for the scene coloured by `metric`, in colours for a style. @throws {ApiError} */
export function fetchScene(url, { metric, style }, { signal } = {}) {
  return requestJson(`${url}?${new URLSearchParams({ metric, style })}`, { signal });
}

/**
 * @param {object} deckJson pydeck's JSON; only `layers` is used, the camera belongs to the map
 * @returns {Map<string, import('@deck.gl/core').Layer>} layers by id, in drawing order
 * @throws {ApiError} when the scene names something that this page does not have
 */
export function convertScene(deckJson) {
  const configuration = new JSONConfiguration({ classes: CLASSES, functions: FUNCTIONS });
  const unknown = (deckJson.layers ?? []).map((layer) => layer['@@type']).filter((type) => !Object.hasOwn(CLASSES, type));
  if (unknown.length) throw sceneError(unknown.join(', '));
  try {
    const { layers = [] } = new JSONConverter({ configuration }).convert({ layers: deckJson.layers ?? [] });
    return new Map(layers.map((layer) => [layer.id, layer]));
  } catch (error) {
    throw sceneError(error.message);
  }
}

function sceneError(detail) {
  return new ApiError({ status: 0, title: t('error.scene', { detail }), cure: t('error.scene.cure') });
}
