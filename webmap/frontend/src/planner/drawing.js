/** Lines and polygons drawn by hand (Terra Draw), loaded with the first tool that needs it. */
import { TerraDraw, TerraDrawLineStringMode, TerraDrawPolygonMode } from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';

/**
 * Draw one shape after the other until it is stopped.
 *
 * @param {import('maplibre-gl').Map} map
 * @param {object} options
 * @param {'linestring'|'polygon'} options.mode
 * @param {string} options.color
 * @param {number} options.scale
 * @param {(geometry: object) => void} options.onDrawn GeoJSON in degrees
 * @returns {{ stop: () => void }}
 */
export function begin(map, { mode, color, scale, onDrawn }) {
  const line = { lineStringColor: hex(color), lineStringWidth: 3 * scale, closingPointColor: hex(color), closingPointWidth: 6 * scale };
  const area = { fillColor: hex(color), fillOpacity: 0.18, outlineColor: hex(color), outlineWidth: 3 * scale, closingPointColor: hex(color), closingPointWidth: 6 * scale };
  const draw = new TerraDraw({
    // Nine digits: the server keeps eight.
    adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 9 }),
    modes: [mode === 'polygon' ? new TerraDrawPolygonMode({ styles: area }) : new TerraDrawLineStringMode({ styles: line })],
  });
  draw.start();
  draw.setMode(mode);
  draw.on('finish', (id) => {
    const drawn = draw.getSnapshotFeature(id);
    draw.clear();
    if (drawn) onDrawn(drawn.geometry);
  });
  return { stop: () => draw.enabled && draw.stop() };
}

/** Terra Draw takes colours as #rrggbb. */
function hex(color) {
  return `#${color.match(/\d+/g).slice(0, 3).map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`;
}
