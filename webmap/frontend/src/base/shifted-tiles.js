/**
 * Tiles of public Chinese maps, whose places are moved by some hundred metres (GCJ-02), put back to where they are: each tile
 * of ours is cut from the up to four of theirs that show its ground.
 */
import { addProtocol } from 'maplibre-gl';
import { piecesOf, SHIFTED, SIZE } from './gcj02.js';

/** Neighbours are cut from the same tiles. */
const KEPT = 64;

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
