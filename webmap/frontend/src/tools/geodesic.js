/** Lengths and areas on the ellipsoid of CGCS2000, by Karney's algorithms (GeographicLib). Loaded when somebody measures. */
import library from 'geographiclib-geodesic';

/** Semi-major axis in metres and flattening: GB 22021-2008, CGCS2000. */
const ELLIPSOID = new library.Geodesic.Geodesic(6_378_137, 1 / 298.257222101);

/** Metres between each point and the next: `[[lon, lat], …]`, degrees. */
export function lengths(points) {
  return points.slice(1).map(([lon, lat], index) => ELLIPSOID.Inverse(points[index][1], points[index][0], lat, lon).s12);
}

/** Square metres that a ring of points encloses, whichever way it runs; it need not be closed. */
export function area(points) {
  const polygon = ELLIPSOID.Polygon(false);
  for (const [lon, lat] of points) polygon.AddPoint(lat, lon);
  return Math.abs(polygon.Compute(false, true).area);
}
