/** Put together what deck.gl draws, from the scene and the live state. The order here is the drawing order. */
import { ALARMED_BUILDINGS, alarmedBuildingsLayer } from './alarmed-buildings.js';
import { BUILDING_CELLS, buildingCellsLayer } from './building-cells.js';
import { BUILDINGS, buildingsLayer } from './buildings.js';
import { HEAT, heatLayer } from './events.js';
import { warningLayers } from './warnings.js';

/**
 * @param {Map<string, object>} scene layers by id, as convertScene returns them
 * @param {object} parts
 * @param {object} parts.state of the store
 * @param {object[]} parts.alarmed features of alarmedFeatures
 * @param {object[]} parts.warned features of warningFeatures
 * @param {number} parts.scale of lines: 1 at 1080p
 * @param {object|null} parts.points columns of the event heat, null when it is off
 * @param {number} parts.metresPerPixel at the camera
 * @param {{labels: string, lines: string}} parts.below layers of the base map: its lowest label, its lowest road
 * @param {{onTileError: (error: Error) => void, onHidden: (count: number) => void}} parts.told
 */
export function composeLayers(scene, { state, alarmed, warned, scale, points, metresPerPixel, below, told }) {
  const { metric, style, layers: shown } = state;
  const beforeId = below.labels;
  const buildings = { metric, style, visible: shown.buildings, heat: points !== null };
  const layers = warningLayers(warned, { style, scale, below });
  for (const [id, layer] of scene) {
    if (id === BUILDINGS) {
      layers.push(buildingsLayer(layer, { ...buildings, selected: state.card.id, beforeId }, told));
    } else if (id === BUILDING_CELLS) {
      layers.push(buildingCellsLayer(layer, { ...buildings, chosen: state.cell?.id ?? null, beforeId: below.lines }, told));
    } else if (id === HEAT) {
      if (points !== null) {
        layers.push(heatLayer(layer, points, { max: state.heat.max, metresPerPixel, beforeId }));
      }
    } else {
      layers.push(layer.clone({ beforeId: layer.props.beforeId ?? beforeId }));
    }
  }
  layers.push(alarmedBuildingsLayer(alarmed, { style, visible: shown.alarms && shown.buildings, beforeId }));
  return layers;
}

/** Layers in which a click finds a building or a cell, nearest first. */
export const PICKABLE = [ALARMED_BUILDINGS, BUILDINGS, BUILDING_CELLS];
