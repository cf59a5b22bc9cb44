/** Buildings on the ground: the base of each is on record, and all of it stands on that, however the ground slopes. */

/** Tile's content → what was made of it, and for which ground. */
const made = new WeakMap();

/** The place of a corner of a tile: [longitude, latitude]. `x`, `y`: 0 to 1 from the tile's upper left corner. */
function placeIn({ west, south, east, north }, x, y) {
  return [west + (east - west) * x, north - (north - south) * y];
}

/**
 * The content of a tile with the base of each building as the height of its corners.
 * @param {{data: object, tile: object}} props of a sub layer
 * @param {import('../base/relief.js').Relief} relief
 */
export function standing({ data, tile }, relief) {
  const { polygons } = data ?? {};
  if (!relief.on || !(polygons?.positions?.value.length > 0)) return data;
  const bases = polygons.numericProps.base_m?.value;
  const known = bases !== undefined && bases.every(Number.isFinite);
  // Only where one has no base on record does the ground that is drawn decide.
  const key = `${relief.level} ${known ? '' : relief.version}`;
  const before = made.get(data);
  if (before?.key === key) return before.data;
  const { value, size } = polygons.positions;
  const { value: owners } = polygons.featureIds;
  const positions = new Float32Array((value.length / size) * 3);
  let [owner, base] = [null, 0];
  for (let corner = 0; corner < owners.length; corner += 1) {
    const [x, y] = [value[corner * size], value[corner * size + 1]];
    if (owners[corner] !== owner) {
      owner = owners[corner];
      base = relief.base(bases?.[corner], ...placeIn(tile.bbox, x, y));
    }
    positions.set([x, y, base], corner * 3);
  }
  const lifted = { ...data, polygons: { ...polygons, positions: { value: positions, size: 3 } } };
  made.set(data, { key, data: lifted });
  return lifted;
}

/** Coordinates of a GeoJSON geometry, each with a height. */
function withHeight(coordinates, metres) {
  return typeof coordinates[0] === 'number' ? [coordinates[0], coordinates[1], metres]
    : coordinates.map((part) => withHeight(part, metres));
}

const firstOf = (coordinates) => (typeof coordinates[0] === 'number' ? coordinates : firstOf(coordinates[0]));

/** A building's outline, a feature of GeoJSON with `base_m`, at the height of its base. */
export function raised(feature, relief) {
  const { geometry, properties } = feature;
  const [longitude, latitude] = firstOf(geometry.coordinates);
  const metres = relief.base(properties.base_m, longitude, latitude);
  return { ...feature, geometry: { ...geometry, coordinates: withHeight(geometry.coordinates, metres) } };
}
