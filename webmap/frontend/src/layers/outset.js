/** Widen a footprint a little, so that a block drawn around a building does not share its walls. Pure. */

const METRES_PER_DEGREE = 111_320;

/** Twice the signed area; positive for a ring that runs counter-clockwise. */
function turning(ring) {
  let sum = 0;
  for (let index = 0; index < ring.length - 1; index += 1) {
    const [x1, y1] = ring[index];
    const [x2, y2] = ring[index + 1];
    sum += x1 * y2 - x2 * y1;
  }
  return sum;
}

function unit([x, y]) {
  const length = Math.hypot(x, y);
  return length === 0 ? [0, 0] : [x / length, y / length];
}

/** Move every corner of a closed ring of metres outwards by `metres` along the middle of its two sides. */
function outsetRing(ring, metres) {
  const sign = turning(ring) > 0 ? 1 : -1;
  const corners = ring.slice(0, -1);
  const moved = corners.map(([x, y], index) => {
    const [px, py] = corners[(index + corners.length - 1) % corners.length];
    const [nx, ny] = corners[(index + 1) % corners.length];
    const before = unit([(y - py) * sign, (px - x) * sign]);
    const after = unit([(ny - y) * sign, (x - nx) * sign]);
    const middle = unit([before[0] + after[0], before[1] + after[1]]);
    // Keeps the walls' distance at a corner; a needle's tip would run away, so it is held.
    const reach = metres / Math.max(0.4, before[0] * middle[0] + before[1] * middle[1]);
    return [x + middle[0] * reach, y + middle[1] * reach];
  });
  return [...moved, moved[0]];
}

/**
 * @param {{type: 'Polygon'|'MultiPolygon', coordinates: Array}} geometry GeoJSON, degrees; holes are left out
 * @param {number} metres how far outwards
 * @returns {{type: 'MultiPolygon', coordinates: Array}}
 */
export function outset(geometry, metres) {
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const [lon0, lat0] = polygons[0][0][0];
  const kx = METRES_PER_DEGREE * Math.cos((lat0 * Math.PI) / 180);
  const toMetres = ([lon, lat]) => [(lon - lon0) * kx, (lat - lat0) * METRES_PER_DEGREE];
  const toDegrees = ([x, y]) => [lon0 + x / kx, lat0 + y / METRES_PER_DEGREE];
  return {
    type: 'MultiPolygon',
    coordinates: polygons.map(([shell]) => [outsetRing(shell.map(toMetres), metres).map(toDegrees)]),
  };
}
