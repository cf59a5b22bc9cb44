/**
 * 体块: outlines of a tile as one mesh of walls and roofs. Pure.
 *
 * deck.gl draws a wall as an instance of its own. Where no graphics card is, the processor takes each instance for a
 * drawing of its own, and its buildings were three quarters of a frame; as one mesh they take a third of the time.
 */

/** Points of the mesh for each point of an outline: four of the wall that begins there, one of the roof. */
export const POINTS_EACH = 5;

const [FOOT, HEAD, NEXT_FOOT, NEXT_HEAD, ROOF] = [0, 1, 2, 3, 4];

/** Numbers that tell a point's face: the direction that it looks in, and 1 at the top of it, 0 at the bottom. */
const FACE_SIZE = 4;

/**
 * @param {object} outlines as loaders.gl reads a tile of polygons
 * @param {{value: Float32Array, size: number}} outlines.positions rings one after another, each closed, shells clockwise in
 *   the plane of the tile
 * @param {ArrayLike<number>} outlines.valid 0 at the last point of each ring, where no wall begins
 * @param {ArrayLike<number>} outlines.triangles indices of roofs
 * @param {ArrayLike<number>} outlines.rows feature of each point
 * @param {ArrayLike<number>} outlines.starts first point of each polygon, and the number of all
 * @returns {{positions: Float32Array, faces: Float32Array, rows: Uint32Array, starts: Uint32Array, triangles: Uint32Array,
 *   edges: Uint32Array}} `positions`: x, y, z; `faces`: FACE_SIZE each; `triangles` and `edges`: indices of points
 */
export function blockMesh({ positions: { value, size }, valid, triangles: roofs, rows: features, starts }) {
  const count = value.length / size;
  const positions = new Float32Array(count * POINTS_EACH * 3);
  const faces = new Float32Array(count * POINTS_EACH * FACE_SIZE);
  const rows = new Uint32Array(count * POINTS_EACH);
  let walls = 0;
  for (let point = 0; point < count; point += 1) walls += valid[point] ? 1 : 0;
  const triangles = new Uint32Array(walls * 6 + roofs.length);
  const edges = new Uint32Array(walls * 4);
  let [corner, end] = [0, 0];
  for (let point = 0; point < count; point += 1) {
    const next = valid[point] ? point + 1 : point;
    const first = point * POINTS_EACH;
    const along = [value[next * size] - value[point * size], value[next * size + 1] - value[point * size + 1]];
    for (let which = 0; which < POINTS_EACH; which += 1) {
      const from = (which === NEXT_FOOT || which === NEXT_HEAD ? next : point) * size;
      const at = (first + which) * 3;
      positions[at] = value[from];
      positions[at + 1] = value[from + 1];
      positions[at + 2] = size > 2 ? value[from + 2] : 0;
      const top = which === FOOT || which === NEXT_FOOT ? 0 : 1;
      faces.set(which === ROOF ? [0, 0, 1, top] : [-along[1], along[0], 0, top], (first + which) * FACE_SIZE);
      rows[first + which] = features[point];
    }
    if (valid[point]) {
      triangles.set([FOOT, HEAD, NEXT_FOOT, NEXT_FOOT, HEAD, NEXT_HEAD].map((which) => first + which), corner);
      edges.set([FOOT, HEAD, HEAD, NEXT_HEAD].map((which) => first + which), end);
      corner += 6;
      end += 4;
    }
  }
  for (const point of roofs) {
    triangles[corner] = point * POINTS_EACH + ROOF;
    corner += 1;
  }
  return { positions, faces, rows, starts: Uint32Array.from(starts, (start) => start * POINTS_EACH), triangles, edges };
}
