/** 告警楼栋: the buildings of open alarms, drawn over the tiles in the colour of the worst alarm. */
import { ClipExtension } from '@deck.gl/extensions';
import { GeoJsonLayer } from '@deck.gl/layers';
import { isLoud, isPending, rank, severityOf } from '../alarms/alarm-terms.js';
import { formHeight } from '../buildings/building-form.js';
import { BUILDING_MATERIAL } from '../map/lighting.js';
import { tokenColor } from '../map/token-colors.js';
import { outset } from './outset.js';
import { raised } from './standing.js';

export const ALARMED_BUILDINGS = 'alarmed-buildings';

/** Around the tile's building by this much, so that the two never fight for the same pixel. */
const OUTSET_METRES = 0.6;

/** Beside a building that is taken apart. */
const BESIDE_APART = 0.05;

const CLIP = new ClipExtension();
const WORLD = [-180, -90, 180, 90];

/**
 * The alarms that colour the walls of their buildings: the loud ones. Where alarms are what buildings are coloured by, all of
 * them. A lesser one that waits for somebody does not take the colour of a loud one that has been acknowledged.
 */
export function colouring(alarms, { all }) {
  return all ? [...alarms] : [...alarms].filter(isLoud);
}

/** The worst open alarm of each building: Map of building id → alarm. */
export function worstByBuilding(alarms) {
  const worst = new Map();
  for (const alarm of alarms) {
    if (!alarm.building_id) continue;
    const before = worst.get(alarm.building_id);
    if (!before || rank(alarm) > rank(before)) worst.set(alarm.building_id, alarm);
  }
  return worst;
}

/**
 * One feature per alarmed building whose outline is here; properties: id, drawn_height_m (metres),
 * residents, severity, pending.
 * @param {Map<number, object>} worst as worstByBuilding returns it
 * @param {(id: number) => {geometry: object, drawn_height_m: number, residents: number}|undefined} footprint GeoJSON
 *   geometry in degrees, EPSG:4490
 */
export function alarmedFeatures(worst, footprint) {
  const features = [];
  for (const [id, alarm] of worst) {
    const outline = footprint(id);
    if (!outline) continue;
    features.push({
      type: 'Feature',
      geometry: outset(outline.geometry, OUTSET_METRES),
      properties: {
        id, drawn_height_m: outline.drawn_height_m, base_m: outline.base_m, residents: outline.residents,
        severity: severityOf(alarm), pending: isPending(alarm),
      },
    });
  }
  return features;
}

const severityColor = ({ severity }) => tokenColor(`severity-${severity}`);

/**
 * @param {object[]} features of alarmedFeatures
 * @param {object} look `form`: what heights say; `apart`: id of the building that is drawn storey by storey, or null;
 *   `relief`: the ground
 */
export function alarmedBuildingsLayer(features, { form, style, visible, apart, relief, beforeId }) {
  const beside = apart === null ? features : features.filter(({ properties: { id } }) => id !== apart);
  return new GeoJsonLayer({
    id: ALARMED_BUILDINGS,
    data: relief.on ? beside.map((feature) => raised(feature, relief)) : beside,
    standsItself: true,
    opacity: apart === null ? 1 : BESIDE_APART,
    visible,
    beforeId,
    pickable: true,
    extruded: true,
    wireframe: true,
    // Clips nothing. Tiles are clipped, and with the same extension both share their compiled shaders.
    extensions: [CLIP],
    clipBounds: WORLD,
    material: BUILDING_MATERIAL,
    getElevation: ({ properties }) => formHeight(form, properties) + OUTSET_METRES,
    getFillColor: ({ properties }) => [...severityColor(properties), properties.pending ? 235 : 150],
    getLineColor: ({ properties }) => [...severityColor(properties), 255],
    updateTriggers: { getFillColor: style, getLineColor: style, getElevation: form },
  });
}
