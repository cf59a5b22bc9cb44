import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ownerOf } from '../src/base/layer-tree.js';
import { asStrength, ofAll, readLayers, strengthOf, treeKey, treeOf, writeLayers } from '../src/base/tree.js';
import { attributions, dressed, encoding, ownLayer, times } from '../src/base/under-city.js';
import { around, bestTerrain, levelOf, middleTile } from '../src/base/sources.js';
import { FIRST_ROAD } from '../src/map/style.js';
import { formatUrlState, parseUrlState } from '../src/url-state.js';

const ORTHO = { name: 'ortho', tilejson: '/raster/ortho.json', bounds: [117, 31, 118, 32], minzoom: 14, maxzoom: 17, attribution: '测绘院' };
const OLD = { ...ORTHO, name: 'old', tilejson: '/raster/old.json', attribution: '测绘院' };
const DEM = {
  name: 'dem', tilejson: '/terrain/dem.json', bounds: [117, 31, 118, 32], minzoom: 12, maxzoom: 15, attribution: '自然资源局', resolution_m: 5,
  lowest_m: 6, highest_m: 101,
};
const NONE = { imagery: [], terrain: null, models: [], level: null };
const ALL = { imagery: [ORTHO, OLD], terrain: DEM, models: [{ name: 'hall' }], level: 17 };
const ids = (groups) => groups.flatMap(({ layers }) => layers.map(({ id }) => id));

// --- the tree --------------------------------------------------------------------------------------------------

test('what is not on record, not configured or not allowed is not in the tree', () => {
  const bare = ids(treeOf({ sources: NONE, tiles: null, allowed: () => true }));
  assert.ok(!bare.some((id) => /^(imagery|terrain|hillshade|model|tiles)/.test(id)));
  const full = ids(treeOf({ sources: ALL, tiles: '天地图', allowed: (id) => id !== 'keepers' }));
  for (const id of ['imagery:ortho', 'imagery:old', 'terrain', 'hillshade', 'model:hall', 'tiles']) assert.ok(full.includes(id), id);
  assert.ok(!full.includes('keepers'));
  assert.deepEqual(ids(treeOf({ sources: NONE, tiles: null, allowed: (id) => id === 'land' })), ['land'], 'no group without a layer');
});

test('a box of a group says all, none or some', () => {
  assert.equal(ofAll([true, true]), true);
  assert.equal(ofAll([false, false]), false);
  assert.equal(ofAll([true, false]), 'mixed');
  assert.equal(ofAll([true, 'mixed']), 'mixed');
});

test('keys lead through a tree as WAI-ARIA says', () => {
  const rows = [
    { id: 'live', parent: null, open: true }, { id: 'alarms', parent: 'live', open: null }, { id: 'base', parent: null, open: false },
  ];
  assert.deepEqual(treeKey('ArrowDown', rows, 'live'), { focus: 'alarms' });
  assert.deepEqual(treeKey('ArrowDown', rows, 'base'), {}, 'there is nothing below the last one');
  assert.deepEqual(treeKey('ArrowUp', rows, 'base'), { focus: 'alarms' });
  assert.deepEqual(treeKey('ArrowRight', rows, 'base'), { open: 'base' });
  assert.deepEqual(treeKey('ArrowRight', rows, 'live'), { focus: 'alarms' });
  assert.deepEqual(treeKey('ArrowRight', rows, 'alarms'), {});
  assert.deepEqual(treeKey('ArrowLeft', rows, 'alarms'), { focus: 'live' });
  assert.deepEqual(treeKey('ArrowLeft', rows, 'live'), { close: 'live' });
  assert.deepEqual(treeKey('Home', rows, 'base'), { focus: 'live' });
  assert.deepEqual(treeKey('End', rows, 'live'), { focus: 'base' });
  assert.equal(treeKey('a', rows, 'live'), null, 'other keys are not of the tree');
});

// --- the link --------------------------------------------------------------------------------------------------

test('a link says only what differs, and gives back what it was written of', () => {
  assert.equal(formatUrlState({ layers: { shown: { roads: true, terrain: false }, strengths: { buildings: 1 } } }), '');
  const chosen = { shown: { roads: false, 'imagery:ortho': true, terrain: true }, strengths: { 'imagery:ortho': 0.35, buildings: 0.5, events: 0.4 } };
  const search = formatUrlState({ layers: chosen });
  assert.equal(search, '?layers=-roads,imagery:ortho~35,terrain,buildings~50,events~40');
  const { layers } = parseUrlState(search);
  assert.deepEqual(layers.strengths, chosen.strengths);
  assert.deepEqual(layers.shown, { ...chosen.shown, buildings: true }, 'events say elsewhere whether they are shown');
});

test('what makes no sense in a link is left out, and strengths come into range', () => {
  const { shown, strengths } = readLayers('roads~999,buildings~0,-labels~-5,zebra,imagery:~40,terrain~x,constructor,hillshade~40~50');
  assert.deepEqual(shown, { roads: true, buildings: true });
  assert.deepEqual(strengths, { roads: 1, buildings: 0.1 });
  assert.equal(readLayers('zebra,,~'), undefined);
  assert.equal(asStrength(0.333), 0.33);
  assert.equal(strengthOf({}, 'hillshade'), 0.6);
  assert.equal(writeLayers({ shown: { zebra: true } }), '');
});

// --- the style -------------------------------------------------------------------------------------------------

const STYLE = {
  version: 8, name: 'night', metadata: { [FIRST_ROAD]: 'road' }, sources: { base: { type: 'vector', tiles: ['/tiles/x'] } },
  layers: [
    { id: 'background', type: 'background', paint: {} },
    { id: 'water', type: 'fill', source: 'base', 'source-layer': 'water', paint: { 'fill-opacity': 0.5 } },
    { id: 'road', type: 'line', source: 'base', 'source-layer': 'roads', paint: { 'line-width': ['interpolate', ['linear'], ['zoom'], 10, 1, 16, 4] } },
    { id: 'name', type: 'symbol', source: 'base', 'source-layer': 'places', metadata: { 'shapan:group': 'labels' }, paint: {}, layout: {} },
  ],
};
const TILES = { layers: [['https://a.example/{z}/{x}/{y}.png'], ['https://b.example/{z}/{x}/{y}.png']], maxzoom: 18, datum: 'cgcs2000', attribution: 'GS(2024)1' };
const dress = (changes) => dressed(STYLE, { sources: NONE, tiles: null, shown: {}, strengths: {}, level: null, ...changes });

test('nothing of what lies under the city is asked for until it is shown', () => {
  assert.deepEqual(dress({ sources: ALL, level: 17, tiles: TILES }).sources, STYLE.sources);
  assert.deepEqual(dress({}).layers, STYLE.layers);
});

test('pictures lie over the map’s own ground and under its roads, hillshade over them', () => {
  const shown = { tiles: true, 'imagery:ortho': true, hillshade: true, terrain: true };
  const { layers, sources, terrain } = dress({ sources: ALL, level: 17, tiles: TILES, shown, strengths: { 'imagery:ortho': 0.4 } });
  assert.deepEqual(layers.map(({ id }) => id), [
    'background', 'water', 'under:tiles-0', 'under:tiles-1', 'under:imagery:ortho', 'under:hillshade', 'road', 'name']);
  assert.equal(layers[4].paint['raster-opacity'], 0.4);
  assert.deepEqual(sources['under:imagery:ortho'].tiles, ['/raster/ortho/{z}/{x}/{y}@2x.webp']);
  assert.deepEqual(terrain, { source: 'under:terrain', exaggeration: 1 });
  assert.notEqual(sources['under:terrain'], undefined);
  assert.equal(dress({ sources: { ...ALL, level: null }, level: null, shown }).terrain, undefined, 'not before its level is known');
  const moved = dress({ tiles: { ...TILES, datum: 'gcj02' }, shown });
  assert.deepEqual(moved.sources['under:tiles-1'].tiles, ['gcj02://1/{z}/{x}/{y}'], 'moved tiles are asked for by the page itself');
});

test('heights are counted from the level around the model', () => {
  const { redFactor, greenFactor, blueFactor, baseShift } = encoding(17);
  const metres = ([red, green, blue]) => red * redFactor + green * greenFactor + blue * blueFactor - baseShift;
  assert.ok(Math.abs(metres([1, 134 + 3, 160 + 10]) - ((65_536 + 137 * 256 + 170) * 0.1 - 10_000 - 17)) < 1e-6);
});

test('each of the map’s own layers is as strong as the layer of the tree that it belongs to', () => {
  assert.deepEqual(STYLE.layers.map(ownLayer), [null, 'land', 'roads', 'labels']);
  const { layers } = dress({ shown: { land: false }, strengths: { roads: 0.5, labels: 0.4 } });
  assert.equal(layers[1].layout.visibility, 'none');
  assert.equal(layers[2].paint['line-opacity'], 0.5);
  assert.equal(layers[3].paint['text-opacity'], 0.4);
  assert.equal(layers[0], STYLE.layers[0], 'the ground under all stays');
});

test('a value over the zoom stays one when it is multiplied', () => {
  assert.deepEqual(times(['interpolate', ['linear'], ['zoom'], 10, 0.4, 16, 1], 0.5), ['interpolate', ['linear'], ['zoom'], 10, 0.2, 16, 0.5]);
  assert.deepEqual(times(['step', ['zoom'], 1, 14, 0.5], 0.5), ['step', ['zoom'], 0.5, 14, 0.25]);
  assert.deepEqual(times(['get', 'x'], 0.5), ['*', 0.5, ['get', 'x']]);
});

test('who made what is shown is named once', () => {
  const shown = { tiles: true, 'imagery:ortho': true, 'imagery:old': true, hillshade: true };
  assert.deepEqual(attributions({ sources: ALL, tiles: TILES, shown }), ['GS(2024)1', '测绘院', '自然资源局']);
  assert.deepEqual(attributions({ sources: ALL, tiles: TILES, shown: {} }), []);
});

test('layers of deck.gl know whose strength they have', () => {
  assert.equal(ownerOf('buildings'), 'buildings');
  assert.equal(ownerOf('event-hexagons'), 'events');
  assert.equal(ownerOf('device-chosen'), undefined, 'what is chosen stays as it is');
  assert.equal(ownerOf('alarmed-buildings'), undefined, 'an alarm is never faint');
});

// --- what is on record -----------------------------------------------------------------------------------------

test('the terrain is the finest of those that cover the city', () => {
  const city = [117.2, 31.2, 117.8, 31.8];
  const part = { ...DEM, name: 'part', bounds: [117.2, 31.2, 117.4, 31.8], resolution_m: 1 };
  const coarse = { ...DEM, name: 'coarse', resolution_m: 30 };
  const away = { ...DEM, name: 'away', bounds: [100, 20, 101, 21], resolution_m: 1 };
  assert.equal(bestTerrain([coarse, part, DEM, away], city).name, 'dem');
  assert.equal(bestTerrain([part, away], city).name, 'part');
  assert.equal(bestTerrain([away], city), null);
  assert.deepEqual(around([ORTHO, { ...ORTHO, bounds: [100, 20, 101, 21] }], city), [ORTHO]);
});

test('the level around a model is what most of the edge of its first tile has', () => {
  const pixels = (heights) => Uint8ClampedArray.from(heights.flatMap((metres) => {
    const steps = Math.round((metres + 10_000) * 10);
    return [steps >> 16, (steps >> 8) & 255, steps & 255, 255];
  }));
  assert.equal(levelOf({ data: pixels([17, 17, 17, 17, 900, 17, 17, 50, 17]), width: 3, height: 3 }), 17);
  const { z, x, y } = middleTile(DEM);
  assert.equal(z, 12);
  assert.deepEqual([x, y].map(Number.isInteger), [true, true]);
  assert.ok(((x + 0.5) / 2 ** z) * 360 - 180 > 117 && ((x + 0.5) / 2 ** z) * 360 - 180 < 118);
});

test('a browser can draw every layer of the real style that is dimmed', () => {
  const base = JSON.parse(readFileSync(new URL('../../styles/base.json', import.meta.url), 'utf8'));
  const owners = new Set(base.layers.map(ownLayer));
  assert.deepEqual([...owners].filter(Boolean).sort(), ['grids', 'labels', 'land', 'roads']);
});
