/** Put together what deck.gl draws, from the scene and the live state. The order here is the drawing order. */
import { ALARMED_BUILDINGS, alarmedBuildingsLayer } from './alarmed-buildings.js';
import { BUILDINGS, buildingsLayer } from './buildings.js';
import { HEAT, heatLayer } from './events.js';

/**
 * @param {Map<string, object>} scene layers by id, as convertScene returns them
 * @param {object} parts
 * @param {object} parts.state of the store
 * @param {object[]} parts.alarmed features of alarmedFeatures
 * @param {object|null} parts.points columns of the event heat, null when it is off
 * @param {number} parts.metresPerPixel at the camera
 * @param {string} parts.beforeId lowest label layer of the base map
 * @param {(error: Error) => void} parts.onTileError
 */
export function composeLayers(scene, { state, alarmed, points, metresPerPixel, beforeId, onTileError }) {
  const shown = state.layers;
  const layers = [];
  for (const [id, layer] of scene) {
    if (id === BUILDINGS) {
      layers.push(buildingsLayer(layer, {
        metric: state.metric, style: state.style, visible: shown.buildings, heat: points !== null, selected: state.card.id, beforeId,
      }, onTileError));
    } else if (id === HEAT) {
      if (points !== null) {
        layers.push(heatLayer(layer, points, { max: state.heat.max, metresPerPixel, beforeId }));
      }
    } else {
      layers.push(layer.clone({ beforeId: layer.props.beforeId ?? beforeId }));
    }
  }
  layers.push(alarmedBuildingsLayer(alarmed, { style: state.style, visible: shown.alarms && shown.buildings, beforeId }));
  return layers;
}

/** Layers in which a click finds a building, nearest first. */
export const PICKABLE = [ALARMED_BUILDINGS, BUILDINGS];
