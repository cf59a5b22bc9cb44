/** Pure: where the name of an area stands. */
import { boxOf } from './plan-terms.js';

/** A place within the largest part of a shape where there is room for a name, in degrees. */
export function labelPlace(geometry) {
  const ring = largest(geometry);
  const [west, south, east, north] = boxOf({ coordinates: ring });
  return inside(ring) ?? [(west + east) / 2, (south + north) / 2];
}

/** The largest ring of a shape, by its box. */
function largest(geometry) {
  const shells = geometry.type === 'Polygon' ? [geometry.coordinates[0]] : geometry.coordinates.map(([shell]) => shell);
  const size = (ring) => {
    const [west, south, east, north] = boxOf({ coordinates: ring });
    return (east - west) * (north - south);
  };
  return shells.reduce((best, ring) => (size(ring) > size(best) ? ring : best));
}

/** A place within a ring where there is room for a name: the middle of the widest stretch of some lines across. */
function inside(ring) {
  const [, south, , north] = boxOf({ coordinates: ring });
  let best = null;
  for (const share of [0.5, 0.4, 0.6, 0.3, 0.7]) {
    const lat = south + (north - south) * share;
    const hits = [];
    for (let index = 1; index < ring.length; index += 1) {
      const [[ax, ay], [bx, by]] = [ring[index - 1], ring[index]];
      if (ay <= lat !== by <= lat) hits.push(ax + ((lat - ay) / (by - ay)) * (bx - ax));
    }
    hits.sort((one, other) => one - other);
    for (let index = 1; index < hits.length; index += 2) {
      const width = hits[index] - hits[index - 1];
      if (best === null || width > best.width * 1.15) best = { width, at: [(hits[index] + hits[index - 1]) / 2, lat] };
    }
  }
  return best?.at ?? null;
}
