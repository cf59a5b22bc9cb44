import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchOwn, ForeignFile } from '../src/base/own-files.js';
import { reliefBox, sampled } from '../src/base/relief.js';
import { gcj02Shift, piecesOf, shiftOf } from '../src/base/gcj02.js';
import { heightOf, liftedBy, lowestOf, withSingleContents } from '../src/base/tileset.js';
import { raised, standing } from '../src/layers/standing.js';
import { drawnGround } from '../src/map/loaded-tiles.js';

const SHIFTS = [
  [[116.4, 39.9], [0.0062427849111657, 0.00140352984940506]],
  [[117.295, 31.864], [0.00554457669848318, -0.00198020115469433]],
  [[103.8, 30.7], [0.00221947117645982, -0.00261160190438403]],
  [[87.6, 43.8], [0.00283897227161845, 0.00121203029208061]],
];

const RELIEF = { on: true, version: 3, level: 10, base: (metres) => (Number.isFinite(metres) ? metres - 10 : 4) };

test('heights are asked for where the view and the model meet, and not beyond some widths of the window', () => {
  const view = { longitude: 117.5, latitude: 31.5, metres: 1000 };
  const model = [117, 31, 118, 32];
  assert.deepEqual(reliefBox([117.49, 31.49, 117.51, 31.51], model, view), [117.49, 31.49, 117.51, 31.51]);
  const [west, south, east, north] = reliefBox([0, 0, 180, 80], model, view);
  assert.ok(east - west < 0.07 && north - south < 0.06 && west > 117.4);
  assert.equal(reliefBox([100, 20, 101, 21], model, view), null);
});

test('a grid of heights lies where its corners are, the first row in the south', () => {
  const { heights, cells, box } = sampled([117, 31, 118, 32], (x, y) => Math.round(y * 1e6), 4);
  assert.equal(cells, 4);
  assert.ok(heights[0] > heights[15], 'y grows to the south in Web Mercator');
  assert.ok(Math.abs(box[0] - ((117 + 180) / 360) * 512) < 1e-9 && box[3] > 0 && box[2] > 0);
  assert.equal(sampled([117, 31, 118, 32], () => NaN, 2).heights[0], 0, 'no height is no hole');
});

test('the ground is that of the finest drawn tile, and flat where none is', () => {
  const samplers = new Map([['0/1/0/0', (x) => x], ['0/2/3/3', () => 7], ['0/1/1/1', null]]);
  const at = drawnGround({ terrain: { getCoverageIndex: () => ({ zooms: [2, 1], samplerPerTile: samplers }) } });
  assert.equal(at(0.25, 0.1), 4096);
  assert.equal(at(0.9, 0.9), 7);
  assert.equal(at(0.6, 0.6), 0, 'its heights are not here yet');
  assert.equal(at(0.9, 0.1), 0, 'no tile');
  assert.equal(at(0.25, 0.4), 4096);
  assert.equal(drawnGround({})(0.5, 0.5), 0);
});

test('all corners of a building stand on its base, and what is flat stays as it came', () => {
  const data = { polygons: {
    positions: { value: Float32Array.of(0, 0, 1, 0, 1, 1, 0, 1), size: 2 }, featureIds: { value: Uint16Array.of(0, 0, 1, 1) },
    numericProps: { base_m: { value: Float32Array.of(25, 25, NaN, NaN) } },
  } };
  const tile = { bbox: { west: 117, south: 31, east: 118, north: 32 } };
  const lifted = standing({ data, tile }, RELIEF);
  assert.deepEqual([...lifted.polygons.positions.value], [0, 0, 15, 1, 0, 15, 1, 1, 4, 0, 1, 4]);
  assert.equal(standing({ data, tile }, RELIEF), lifted, 'made once');
  assert.notEqual(standing({ data, tile }, { ...RELIEF, version: 4 }), lifted, 'ground that decides is other ground');
  assert.equal(standing({ data, tile }, { ...RELIEF, on: false }), data);
  assert.equal(standing({ data: null, tile }, RELIEF), null);
  const { geometry } = raised({ properties: { base_m: 30 }, geometry: { type: 'Polygon', coordinates: [[[1, 2], [3, 4, 9]]] } }, RELIEF);
  assert.deepEqual(geometry.coordinates, [[[1, 2, 20], [3, 4, 20]]]);
});

test('the lowest of a tileset is that of its region or box, and a sphere does not say', () => {
  assert.equal(lowestOf({ boundingVolume: { region: [0, 0, 1, 1, 12.5, 80] } }), 12.5);
  assert.equal(lowestOf({ boundingVolume: { sphere: [0, 0, 0, 100] } }), null);
  // East, north, up at 0° N 0° E, 30 m above the ellipsoid; the box reaches 10 m up and down.
  const transform = [0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 6_378_167, 0, 0, 1];
  const root = { transform, boundingVolume: { box: [0, 0, 0, 20, 0, 0, 0, 20, 0, 0, 0, 10] } };
  assert.ok(Math.abs(lowestOf(root) - 20) < 1e-3);
  assert.ok(Math.abs(heightOf([0, 0, 6_356_752.3142 + 5]) - 5) < 1e-3, 'at a pole as well');
  const lifted = liftedBy(root, -20);
  assert.deepEqual(lifted.slice(12).map((part) => Math.round(part) + 0), [-20, 0, 0, 1]);
});

test('of a tile with several contents each is drawn', () => {
  const [a, b, c] = ['a.glb', 'b.glb', 'c.glb'].map((uri) => ({ uri }));
  const root = withSingleContents({ boundingVolume: 1, geometricError: 9, children: [{ boundingVolume: 2, contents: [a, b], children: [{ content: c }] }] });
  const [tile] = root.children;
  assert.equal(tile.content, a);
  assert.deepEqual(tile.children.map(({ content }) => content), [b, c]);
  assert.equal(tile.children[0].boundingVolume, 2);
  assert.equal(root.content, undefined);
});

test('a tileset that names another host fetches nothing there', async () => {
  const asked = [];
  const get = (url, options) => { asked.push([url, options.credentials, options.redirect]); return Promise.resolve('answer'); };
  const options = { origin: 'http://127.0.0.1:8700', get };
  assert.equal(await fetchOwn('http://127.0.0.1:8700/models/a/b.glb', {}, options), 'answer');
  assert.equal(await fetchOwn('/models/a/b.glb', {}, options), 'answer');
  for (const foreign of ['https://other.example/b.glb', '//other.example/b.glb', 'http://127.0.0.1:8701/b.glb', 'file:///etc/passwd']) {
    await assert.rejects(fetchOwn(foreign, {}, options), ForeignFile);
  }
  assert.equal(asked.length, 2);
  assert.ok(asked.every(([, credentials, redirect]) => credentials === 'same-origin' && redirect === 'error'));
});

test('the shift of public Chinese maps is that of spatial/offsets.py', () => {
  // gcj02_from_wgs84 − the position, from spatial/offsets.py.
  for (const [place, shift] of SHIFTS) {
    const found = gcj02Shift(...place);
    for (const axis of [0, 1]) assert.ok(Math.abs(found[axis] - shift[axis]) < 1e-9, `${place}`);
  }
  assert.deepEqual(gcj02Shift(2.35, 48.85), [0, 0], 'Paris is where it is');
});

test('a tile of ours is covered by the tiles of theirs that show its ground, and by no more', () => {
  for (const z of [10, 15, 18]) {
    const [x, y] = [Math.floor(((117.295 + 180) / 360) * 2 ** z), Math.floor(0.4055 * 2 ** z)];
    const pieces = piecesOf({ z, x, y });
    assert.ok(pieces.length >= 1 && pieces.length <= 4);
    // Every pixel of the tile lies in exactly one piece.
    for (const [across, down] of [[0, 0], [255, 0], [0, 255], [255, 255], [128, 128]]) {
      const inside = pieces.filter(({ left, top }) => across >= left && across < left + 256 && down >= top && down < top + 256);
      assert.equal(inside.length, 1, `${z} ${across} ${down}`);
    }
    // The shift on the ground is that of the formula, to a pixel.
    const [east] = shiftOf({ z, x, y });
    const longitude = ((x + 0.5) / 2 ** z) * 360 - 180;
    const latitude = (Math.atan(Math.sinh(Math.PI * (1 - (2 * (y + 0.5)) / 2 ** z))) * 180) / Math.PI;
    assert.ok(Math.abs(east - (gcj02Shift(longitude, latitude)[0] / 360) * 256 * 2 ** z) <= 0.5);
  }
  assert.deepEqual(piecesOf({ z: 5, x: 16, y: 11 }), [{ x: 16, y: 11, left: 0, top: 0 }], 'abroad it is their own tile');
});
