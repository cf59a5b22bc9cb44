/**
 * Which devices are not fresh, part of the map by part: read once for each cell of zoom 14 that is in view, and from then on as
 * the stream tells it. Who is not named in a cell that was read is fresh there.
 */

/** Zoom of the cells, as the server's. */
export const CELL_ZOOM = 14;

/** Cells kept; those that nobody looks at go first. */
export const MOST_CELLS = 256;

/** Asked for at the same time. */
const AT_ONCE = 4;

/** Degrees by which a place in a tile may differ from that on record: a metre. */
const ROUNDED = 1e-5;

/** Column and row of the cell in which a place lies (degrees), as one number. */
export function cellOf(lon, lat) {
  const n = 2 ** CELL_ZOOM;
  const column = Math.floor(((lon + 180) / 360) * n);
  const row = Math.floor(((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * n);
  return row * n + column;
}

/** One cell, four where a place lies at their edges. */
function cellsAround(lon, lat) {
  const [west, east] = [lon - ROUNDED, lon + ROUNDED];
  return new Set([lat - ROUNDED, lat + ROUNDED].flatMap((at) => [cellOf(west, at), cellOf(east, at)]));
}

/** @typedef {{status: 'waiting'|'loading'|'ready'|'failed', again: boolean, silent: Map<string, string>|null, heard: Map<string, string>}} Cell */

export class DeviceStates {
  /** @type {Map<number, Cell>} the last looked at last; `silent` is null before the first answer */
  #cells = new Map();
  #loading = 0;

  /**
   * @param {object} parts
   * @param {(x: number, y: number) => Promise<Record<string, string[]>>} parts.read who is not fresh in a cell: freshness → codes
   * @param {() => void} parts.onChange
   */
  constructor({ read, onChange }) {
    Object.assign(this, { read, onChange });
  }

  /** Look after these cells, and ask for those that are not known. */
  want(cells) {
    for (const cell of cells) {
      const known = this.#cells.get(cell) ?? { status: 'waiting', again: false, silent: null, heard: new Map() };
      this.#cells.delete(cell);
      this.#cells.set(cell, known);
    }
    for (const cell of this.#cells.keys()) {
      if (this.#cells.size <= MOST_CELLS) break;
      this.#cells.delete(cell);
    }
    this.#ask();
  }

  /** How a device of a cell is: its freshness; unknown where the cell cannot be read, null while it is being read. */
  of(cell, code) {
    const { silent, status } = this.#cells.get(cell) ?? {};
    if (silent) return silent.get(code) ?? 'fresh';
    return status === 'failed' ? 'unknown' : null;
  }

  /** Whether some cells could not be read. */
  get failed() {
    return [...this.#cells.values()].some(({ status }) => status === 'failed');
  }

  /** The stream tells of a device, `{ code, freshness, lon, lat }`. */
  hear({ code, freshness, lon, lat }) {
    for (const key of cellsAround(lon, lat)) {
      const cell = this.#cells.get(key);
      if (cell?.status === 'loading') cell.heard.set(code, freshness); // newer than the answer that is on its way
      if (freshness === 'fresh') cell?.silent?.delete(code);
      else cell?.silent?.set(code, freshness);
    }
    this.onChange();
  }

  /** The stream was away, or the records changed: read all again. What is known stays until then. */
  readAgain() {
    for (const cell of this.#cells.values()) {
      if (cell.status === 'loading') cell.again = true;
      else cell.status = 'waiting';
    }
    this.#ask();
  }

  /** Ask for what is wanted most: what was looked at last. */
  #ask() {
    for (const [key, cell] of [...this.#cells].reverse()) {
      if (this.#loading >= AT_ONCE) return;
      if (cell.status === 'waiting') this.#load(key, cell);
    }
  }

  async #load(key, cell) {
    this.#loading += 1;
    Object.assign(cell, { status: 'loading', again: false, heard: new Map() });
    const n = 2 ** CELL_ZOOM;
    try {
      const answer = Object.entries(await this.read(key % n, Math.floor(key / n)));
      const found = answer.flatMap(([freshness, codes]) => codes.map((code) => [code, freshness]));
      cell.silent = new Map([...found, ...cell.heard]);
      for (const [code, freshness] of cell.heard) if (freshness === 'fresh') cell.silent.delete(code);
      cell.status = cell.again ? 'waiting' : 'ready';
    } catch (error) {
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      cell.status = cell.again ? 'waiting' : 'failed';
    } finally {
      this.#loading -= 1;
    }
    this.onChange();
    this.#ask();
  }
}
