/** The things that tiles hold, each once and with a place in degrees, out of the columns in which loaders.gl has read them. */

/** @returns {[number, number]} degrees of a place in a tile, given in shares of its side from its north-west corner */
export function degreesIn({ x, y, z }, across, down) {
  const n = 2 ** z;
  const lat = Math.atan(Math.sinh(Math.PI * (1 - (2 * (y + down)) / n)));
  return [((x + across) / n) * 360 - 180, (lat * 180) / Math.PI];
}

/**
 * What the tiles say of each thing, by the name of their part. A thing that reaches over an edge comes in several tiles: its
 * place is the middle of what all of them show.
 * @param {Array<{index: {x: number, y: number, z: number}, content: object}>} tiles
 * @param {string} part
 * @returns {object[]} properties of each with `lon` and `lat`
 */
export function thingsIn(tiles, part) {
  const found = new Map();
  for (const { index, content } of tiles) {
    for (const columns of [content?.points, content?.lines, content?.polygons]) {
      if (columns?.featureIds) collect(found, index, columns, part);
    }
  }
  return [...found.values()].map(({ properties, west, south, east, north }) => ({
    ...properties, lon: (west + east) / 2, lat: (south + north) / 2,
  }));
}

function collect(found, index, { positions, featureIds, numericProps, properties, fields }, part) {
  const { size } = positions;
  for (let corner = 0; corner < featureIds.value.length; corner += 1) {
    const feature = featureIds.value[corner];
    const words = properties[feature];
    if (words?.layerName !== part) continue;
    const [lon, lat] = degreesIn(index, positions.value[corner * size], positions.value[corner * size + 1]);
    const id = fields?.[feature]?.id ?? words.code;
    const known = found.get(id);
    if (known === undefined) {
      const numbers = Object.entries(numericProps).map(([name, { value }]) => [name, Number.isNaN(value[corner]) ? null : value[corner]]);
      found.set(id, { properties: { ...words, ...Object.fromEntries(numbers) }, west: lon, east: lon, south: lat, north: lat });
    } else {
      known.west = Math.min(known.west, lon);
      known.east = Math.max(known.east, lon);
      known.south = Math.min(known.south, lat);
      known.north = Math.max(known.north, lat);
    }
  }
}
