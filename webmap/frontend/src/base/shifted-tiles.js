/**
 * Tiles of public Chinese maps, whose places are moved by some hundred metres (GCJ-02), put back to where they are: each tile
 * of ours is cut from the up to four of theirs that show its ground.
 */
import { addProtocol } from 'maplibre-gl';
import { gcj02Shift, SHIFTED } from './gcj02.js';

const SIZE = 256;

/** Neighbours are cut from the same tiles. */
const KEPT = 64;

/** Pixels by which the ground in the middle of a tile lies elsewhere on their map: east and south. */
export function shiftOf({ z, x, y }) {
  const world = SIZE * 2 ** z;
  const toLatitude = (row) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * row) / 2 ** z))) * 180) / Math.PI;
  const toPixel = (latitude) => (0.5 - Math.asinh(Math.tan((latitude * Math.PI) / 180)) / (2 * Math.PI)) * world;
  const [longitude, latitude] = [((x + 0.5) / 2 ** z) * 360 - 180, toLatitude(y + 0.5)];
  const [east, north] = gcj02Shift(longitude, latitude);
  return [(east / 360) * world, toPixel(latitude + north) - toPixel(latitude)].map(Math.round);
}

/** Which of their tiles show the ground of one of ours: `{ x, y, left, top }`, pixels where each is drawn. */
export function piecesOf({ z, x, y }) {
  const [east, south] = shiftOf({ z, x, y });
  const [first, firstRow] = [east, south].map((shift) => Math.floor(shift / SIZE));
  const pieces = [];
  for (const column of [first, first + 1]) {
    for (const row of [firstRow, firstRow + 1]) {
      const [left, top] = [column * SIZE - east, row * SIZE - south];
      const inside = left > -SIZE && left < SIZE && top > -SIZE && top < SIZE;
      if (inside && x + column >= 0 && y + row >= 0 && x + column < 2 ** z && y + row < 2 ** z) {
        pieces.push({ x: x + column, y: y + row, left, top });
      }
    }
  }
  return pieces;
}

/**
 * Have MapLibre ask here for addresses of the form gcj02://layer/z/x/y.
 * @param {string[][]} layers addresses of each layer's tiles, alike but for their hosts
 */
export function shiftTiles(layers) {
  const kept = new Map();
  const picture = (layer, { z, x, y }) => {
    const key = `${layer}/${z}/${x}/${y}`;
    const addresses = layers[layer];
    if (!kept.has(key)) {
      const url = Object.entries({ z, x, y }).reduce((text, [name, value]) => text.replace(`{${name}}`, value), addresses[(x + y) % addresses.length]);
      const found = fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer' }).then(async (answer) => (
        answer.ok ? createImageBitmap(await answer.blob()) : null));
      found.catch(() => kept.delete(key));
      kept.set(key, found);
      if (kept.size > KEPT) kept.delete(kept.keys().next().value);
    }
    return kept.get(key);
  };
  addProtocol(SHIFTED, async ({ url }) => {
    const [layer, z, x, y] = url.slice(`${SHIFTED}://`.length).split('/').map(Number);
    const pieces = piecesOf({ z, x, y });
    const pictures = await Promise.all(pieces.map((piece) => picture(layer, { ...piece, z })));
    if (pictures.every((one) => one === null)) throw new Error('No tile of the base map came.');
    const canvas = new OffscreenCanvas(SIZE, SIZE);
    const context = canvas.getContext('2d');
    pictures.forEach((one, index) => one && context.drawImage(one, pieces[index].left, pieces[index].top, SIZE, SIZE));
    return { data: canvas.transferToImageBitmap() };
  });
}
