/** Where the root of a 3D Tiles tileset stands. Pure. */

/** Semi-axis and squared eccentricity of the ellipsoid of 3D Tiles, WGS 84. */
const [AXIS, SQUARED] = [6_378_137, 0.006694379990141317];

const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** A point, or with `w` 0 a direction, by a matrix in columns. */
function by(m, [x, y, z], w = 1) {
  return [0, 1, 2].map((row) => m[row] * x + m[row + 4] * y + m[row + 8] * z + m[row + 12] * w);
}

/** The way up at a geocentric place. */
export function upAt([x, y, z]) {
  const across = Math.hypot(x, y);
  // Bowring's first step: far better than a hundredth of a degree near the ground.
  const angle = Math.atan2(z, across * Math.sqrt(1 - SQUARED));
  const b = AXIS * Math.sqrt(1 - SQUARED);
  const latitude = Math.atan2(z + (SQUARED / (1 - SQUARED)) * b * Math.sin(angle) ** 3, across - SQUARED * AXIS * Math.cos(angle) ** 3);
  const longitude = Math.atan2(y, x);
  return [Math.cos(latitude) * Math.cos(longitude), Math.cos(latitude) * Math.sin(longitude), Math.sin(latitude)];
}

/** Height above the ellipsoid of a geocentric place, metres. */
export function heightOf(place) {
  const [x, y, z] = place;
  const up = upAt(place);
  const normal = AXIS / Math.sqrt(1 - SQUARED * up[2] ** 2);
  // Along the normal at this latitude, whichever of both is not too near to a pole.
  const flat = Math.hypot(x, y);
  const level = Math.hypot(up[0], up[1]);
  return level > 0.1 ? flat / level - normal : z / up[2] - normal * (1 - SQUARED);
}

/** The geocentric middle of what a tile's volume encloses, without that of a region. */
function middleOf({ boundingVolume, transform = IDENTITY }) {
  const { box, sphere } = boundingVolume;
  return by(transform, (box ?? sphere).slice(0, 3));
}

/**
 * The lowest height of what a root tile encloses, metres above the ellipsoid.
 * @returns {number|null} null for a sphere: it reaches far below what is in it
 */
export function lowestOf(root) {
  const { region, box } = root.boundingVolume ?? {};
  if (region) return region[4];
  if (!box) return null;
  const up = upAt(middleOf(root));
  const reach = [3, 6, 9].reduce((sum, at) => {
    const side = by(root.transform ?? IDENTITY, box.slice(at, at + 3), 0);
    return sum + Math.abs(side.reduce((dot, value, axis) => dot + value * up[axis], 0));
  }, 0);
  return heightOf(middleOf(root)) - reach;
}

/**
 * A tile and all below it with one content each: 3D Tiles 1.1 lets a tile have several, of which loaders.gl reads none. The
 * others become children that refine nothing.
 */
export function withSingleContents({ contents, children = [], ...tile }) {
  const below = children.map(withSingleContents);
  if (!contents?.length) return { ...tile, children: below };
  const [content, ...others] = contents;
  const beside = others.map((other) => ({
    boundingVolume: tile.boundingVolume, geometricError: 0, refine: 'ADD', content: other,
  }));
  return { ...tile, content, children: [...beside, ...below] };
}

/** A matrix in columns that lifts a tileset by some metres, along the way up in the middle of it. */
export function liftedBy(root, metres) {
  const { region } = root.boundingVolume ?? {};
  let up;
  if (region) {
    const [longitude, latitude] = [(region[0] + region[2]) / 2, (region[1] + region[3]) / 2];
    up = [Math.cos(latitude) * Math.cos(longitude), Math.cos(latitude) * Math.sin(longitude), Math.sin(latitude)];
  } else {
    up = upAt(middleOf(root));
  }
  return [...IDENTITY.slice(0, 12), ...up.map((part) => part * metres), 1];
}

const SIDE = 8;

/** Places all over a box, [longitude, latitude] each. */
export function modelBox([west, south, east, north]) {
  const at = (low, high, step) => low + ((high - low) * step) / (SIDE - 1);
  const steps = Array.from({ length: SIDE }, (_, index) => index);
  return steps.flatMap((row) => steps.map((column) => [at(west, east, column), at(south, north, row)]));
}
