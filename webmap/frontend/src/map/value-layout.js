/** Which numbers fit on the map beside one another. Pure. */

/**
 * Keep what does not touch what was kept before it.
 * @param {{x: number, y: number, width: number, height: number}[]} boxes by their middles, in pixels; the first ones matter
 *   most
 * @param {{width: number, height: number}} view what lies outside is left out
 * @param {number} gap pixels that stay free between two
 * @returns {object[]} of `boxes`, in their order
 */
export function fitting(boxes, view, gap) {
  const cell = Math.max(1, ...boxes.map(({ width, height }) => Math.max(width, height))) + gap;
  const kept = new Map();
  const touches = (one, other) => Math.abs(one.x - other.x) < (one.width + other.width) / 2 + gap
    && Math.abs(one.y - other.y) < (one.height + other.height) / 2 + gap;
  return boxes.filter((box) => {
    if (!(box.x > 0 && box.y > 0 && box.x < view.width && box.y < view.height)) return false;
    const [column, row] = [Math.floor(box.x / cell), Math.floor(box.y / cell)];
    for (let x = column - 1; x <= column + 1; x += 1) {
      for (let y = row - 1; y <= row + 1; y += 1) {
        if (kept.get(`${x},${y}`)?.some((other) => touches(box, other))) return false;
      }
    }
    const name = `${column},${row}`;
    kept.set(name, [...kept.get(name) ?? [], box]);
    return true;
  });
}
