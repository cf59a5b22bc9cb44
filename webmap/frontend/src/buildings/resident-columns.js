/** Columns with the number of residents: which buildings have one, and where numbers have room. Pure. */

/** Columns at once; beyond them the least are left out. */
export const MOST_COLUMNS = 3000;

/** Size of a number on the screen, CSS pixels at 1080p: width of a character, height of the line, air around it. */
const LETTER = 7.2;
const LINE = 14;
const AIR = 3;

/**
 * The buildings in some tiles, each once, with residents, most first.
 * @param {{index: {x: number, y: number, z: number}, content: object}[]} tiles as loaders.gl reads them: positions are
 *   shares of the tile's side, from its north-west
 * @returns {{id: number, residents: number, position: [number, number]}[]} degrees, EPSG:4490
 */
export function residentsIn(tiles) {
  const found = new Map();
  for (const { index, content } of tiles) {
    for (const piece of piecesOf(content?.polygons)) {
      // A building on a tile's edge is cut: its larger piece says best where it stands.
      const before = found.get(piece.id);
      if (before && before.area >= piece.area) continue;
      found.set(piece.id, { ...piece, position: degrees(index, piece.middle) });
    }
  }
  return [...found.values()]
    .map(({ id, residents, position }) => ({ id, residents, position }))
    .sort((one, other) => other.residents - one.residents || one.id - other.id);
}

function piecesOf(polygons) {
  const { positions, featureIds, numericProps, fields = [] } = polygons ?? {};
  const numbers = numericProps?.residents?.value;
  if (!numbers) return [];
  const pieces = new Map();
  for (let corner = 0; corner < featureIds.value.length; corner += 1) {
    const residents = numbers[corner];
    if (!(residents > 0)) continue;
    const feature = featureIds.value[corner];
    const [x, y] = [positions.value[corner * positions.size], positions.value[corner * positions.size + 1]];
    const box = pieces.get(feature);
    if (box) {
      box.west = Math.min(box.west, x);
      box.east = Math.max(box.east, x);
      box.north = Math.min(box.north, y);
      box.south = Math.max(box.south, y);
    } else {
      pieces.set(feature, { id: fields[feature]?.id ?? feature, residents, west: x, east: x, north: y, south: y });
    }
  }
  return [...pieces.values()].map(({ id, residents, west, east, north, south }) => ({
    id, residents, area: (east - west) * (south - north), middle: [(west + east) / 2, (north + south) / 2],
  }));
}

function degrees({ x, y, z }, [across, down]) {
  const [east, south] = [(x + across) / 2 ** z, (y + down) / 2 ** z];
  return [east * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * south))) * 180) / Math.PI];
}

/**
 * Those columns whose numbers do not cover that of another one, most residents first.
 * @param {{residents: number, position: number[]}[]} columns most first
 * @param {object} view
 * @param {(column: object) => [number, number]} view.project where a column's top is on the screen, CSS pixels
 * @param {(column: object) => string} view.text
 * @param {{width: number, height: number}} view.size of the screen
 * @param {number} view.scale 1 at 1080p
 * @returns {{labelled: object[], hidden: number}} `hidden`: columns on the screen without a number
 */
export function placeNumbers(columns, { project, text, size, scale }) {
  const [side, tall] = [64 * scale, (LINE + AIR) * scale];
  const taken = new Map(); // squares of the screen → boxes that reach into them
  const labelled = [];
  let hidden = 0;
  for (const column of columns) {
    const [x, y] = project(column);
    if (!(x >= 0 && x <= size.width && y >= 0 && y <= size.height)) continue;
    const half = ((text(column).length * LETTER + AIR) * scale) / 2;
    const box = { west: x - half, east: x + half, north: y - tall, south: y };
    const squares = [];
    for (let across = Math.floor(box.west / side); across <= Math.floor(box.east / side); across += 1) {
      for (let down = Math.floor(box.north / side); down <= Math.floor(box.south / side); down += 1) {
        squares.push(`${across}/${down}`);
      }
    }
    if (squares.some((square) => taken.get(square)?.some((other) => meet(box, other)))) {
      hidden += 1;
      continue;
    }
    for (const square of squares) taken.set(square, [...taken.get(square) ?? [], box]);
    labelled.push(column);
  }
  return { labelled, hidden };
}

function meet(one, other) {
  return one.west < other.east && other.west < one.east && one.north < other.south && other.north < one.south;
}

/** What stands on a column: the number, or its class where the server gives no more. */
export function columnText(residents, exact, number) {
  if (exact) return number(residents);
  return residents >= 10 ? '≥10' : residents >= 5 ? '5–9' : '1–4';
}
