/** Two periods set against each other (对比). Pure. */
import { countCells } from './hexagons.js';

/** The difference of two numbers: how many more, and in per cent of the earlier one; null where that was 0. */
export function difference(now, then) {
  return { now, then, more: now - then, percent: then === 0 ? null : ((now - then) / then) * 100 };
}

/**
 * Rows of a table: for each key of either map its difference, the greatest change first, equal ones by key.
 * @param {Map<string, number>} now
 * @param {Map<string, number>} then
 */
export function differences(now, then) {
  const keys = [...new Set([...now.keys(), ...then.keys()])];
  return keys.map((key) => ({ key, ...difference(now.get(key) ?? 0, then.get(key) ?? 0) }))
    .sort((a, b) => Math.abs(b.more) - Math.abs(a.more) || (a.key < b.key ? -1 : 1));
}

/**
 * How many more events there are in each cell than before; cells in which nothing differs are left out.
 * @param {{cellOf: Int32Array, q: number[], r: number[], middles: Float64Array}} cells of the events of both periods
 * @param {number} split events before this row are those of now
 * @returns {{middles: Float64Array, more: Int32Array, now: Uint32Array, then: Uint32Array}}
 */
export function cellDifferences({ cellOf, q, middles }, split) {
  const [now, then] = [countCells(cellOf, q.length, 0, split), countCells(cellOf, q.length, split)];
  const kept = [...q.keys()].filter((cell) => now[cell] !== then[cell]);
  return {
    middles: Float64Array.from(kept.flatMap((cell) => [middles[2 * cell], middles[2 * cell + 1]])),
    more: Int32Array.from(kept, (cell) => now[cell] - then[cell]),
    now: Uint32Array.from(kept, (cell) => now[cell]), then: Uint32Array.from(kept, (cell) => then[cell]),
  };
}

/** "+12", "−5", "0": the sign is told as well as the colour. */
export const signed = (value, format = String) => (value === 0 ? '0' : `${value > 0 ? '+' : '−'}${format(Math.abs(value))}`);
