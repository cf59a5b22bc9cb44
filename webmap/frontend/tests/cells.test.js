import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebMercatorViewport } from '@deck.gl/core';
import { cellHectares, cellSide, cellSideAt } from '../src/map/cell-size.js';
import { cellZooms, pickedCell } from '../src/layers/building-cells.js';
import { hiddenIn } from '../src/layers/buildings.js';
import { KeepingTileset } from '../src/map/loaded-tiles.js';
import { chance } from './chance.js';

test('the side of a cell is what it measures on the ground', () => {
  const random = chance(4);
  for (let round = 0; round < 200; round += 1) {
    const latitude = random(120) - 60;
    const viewport = new WebMercatorViewport({ width: 1, height: 1, latitude, longitude: 0, zoom: 12 });
    // A tile of 512 pixels at its own zoom, 32 cells along its side.
    const measured = viewport.metersPerPixel * 16;
    const found = cellSideAt(latitude, 12);
    assert.ok(Math.abs(found / measured - 1) < 0.06, `${latitude}: ${found} for ${measured}`);
  }
});

test('cells halve with every zoom until the finest', () => {
  const row = (z) => Math.floor(0.41 * 2 ** z);
  const sides = Array.from({ length: 5 }, (_, index) => cellSide({ z: 9 + index, y: row(9 + index) }));
  for (const index of [1, 2, 3]) assert.ok(Math.abs(sides[index - 1] / sides[index] - 2) < 0.02);
  assert.ok(Math.abs(sides[4] / sides[3] - 1) < 0.01, 'zoom 12 has the finest cells already');
  assert.equal(cellHectares({ z: 12, y: row(12) }), cellSide({ z: 12, y: row(12) }) ** 2 / 10_000);
});

test('the sizes of cells in a view are those of the tiles that deck.gl takes, coarser ones towards the horizon', () => {
  const random = chance(9);
  const counts = new Set();
  for (let round = 0; round < 60; round += 1) {
    const pitch = round % 3 ? 61 + random(12) : random(61);
    const viewport = new WebMercatorViewport({
      width: 1280, height: 800, longitude: random(300) - 150, latitude: random(100) - 50, zoom: 2 + random(109) / 10,
      pitch, bearing: random(360),
    });
    const tileset = new KeepingTileset({ minZoom: 0, maxZoom: 12, getTileData: async () => null, onTileError: () => {} });
    tileset.update(viewport);
    const found = cellZooms(viewport, 12);
    assert.deepEqual(new Set(found), new Set(tileset.selectedTiles.map(({ index }) => index.z)));
    assert.deepEqual(found, found.toSorted((one, other) => other - one));
    if (pitch <= 60) assert.deepEqual(found, [Math.min(12, Math.round(viewport.zoom))]);
    counts.add(found.length);
  }
  assert.ok(counts.size > 2, [...counts].join());
});

test('a picked cell says its sums and where it lies, a picked building is no cell', () => {
  const ring = [[117, 31], [117.002, 31], [117.002, 31.002], [117, 31.002], [117, 31]];
  const object = {
    id: 7, geometry: { coordinates: [ring] },
    properties: { layerName: 'building_cells', buildings: 3, residents: 40, drawn_height_m: 17.5, floors: 5.7 },
  };
  const tile = { index: { z: 12, x: 3379, y: 1676 } };
  const { longitude, latitude, side, ...said } = pickedCell({ object, tile });
  assert.deepEqual(said, { id: 7, buildings: 3, residents: 40, height: 17.5, floors: 5.7, tileZoom: 12 });
  assert.deepEqual([longitude, latitude].map((degrees) => degrees.toFixed(3)), ['117.001', '31.001']);
  assert.ok(side > 250 && side < 270);
  assert.equal(pickedCell({ object: { ...object, properties: { layerName: 'buildings' } }, tile }), null);
  assert.equal(pickedCell(null), null);
});

test('what tiles hide is summed, and tiles that hide nothing or have not come count for nothing', () => {
  const full = (hidden) => ({ content: { points: { numericProps: { hidden: { value: new Float32Array([hidden]) } } } } });
  assert.equal(hiddenIn([full(120), { content: null }, full(7), { content: { points: { numericProps: {} } } }]), 127);
  assert.equal(hiddenIn([]), 0);
});
