import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebMercatorViewport } from '@deck.gl/core';
import { TileLayer } from '@deck.gl/geo-layers';
import { deckTiles, KeepingTileset } from '../src/map/loaded-tiles.js';

const view = (longitude) => new WebMercatorViewport({ width: 1000, height: 800, longitude, latitude: 31, zoom: 14 });
const settled = () => new Promise((resolve) => { setTimeout(resolve, 20); });

/** A real tile set of deck.gl whose answers the test gives, inside as much of a layer as loaded-tiles.js uses. */
function build({ answer = async () => 'first' } = {}) {
  const asked = [];
  const faults = [];
  const state = { answer };
  const tileset = new KeepingTileset({
    minZoom: 0, maxZoom: 16,
    getTileData: ({ index: { z, x, y } }) => {
      asked.push(`${z}/${x}/${y}`);
      return state.answer();
    },
    onTileError: (error) => faults.push(error.message),
  });
  const layer = {
    id: 'buildings',
    props: { data: '/tiles/buildings/{z}/{x}/{y}.mvt', onViewportLoad: () => { layer.complete += 1; } },
    state: { tileset },
    context: { viewport: view(117) },
    complete: 0,
    updates: 0,
    setState: (changes) => Object.assign(layer.state, changes),
    setNeedsUpdate: () => { layer.updates += 1; },
    _updateTileset: TileLayer.prototype._updateTileset,
    _onViewportLoad: TileLayer.prototype._onViewportLoad,
  };
  return { asked, faults, state, tileset, layer, tiles: deckTiles(layer) };
}

test('one tile of deck.gl is fetched again and shows what it showed until the answer is here', async () => {
  const { asked, state, tileset, layer, tiles } = build();
  tileset.update(view(117));
  await settled();
  const held = tiles.tiles();
  assert.ok(held.length > 1);
  assert.ok(held.every(({ loading, z }) => !loading && z === 14));
  assert.deepEqual([...tiles.names], ['buildings']);

  asked.length = 0;
  let arrive;
  state.answer = () => new Promise((resolve) => { arrive = resolve; });
  tiles.reload([held[0]]);
  assert.equal(layer.updates, 1);
  await settled();
  assert.deepEqual(asked, [`${held[0].z}/${held[0].x}/${held[0].y}`]);
  assert.deepEqual(tiles.tiles().map(({ loading }) => loading), held.map((_, index) => index === 0));
  const [first] = tileset.selectedTiles;
  assert.ok(first.isVisible);
  assert.equal(first.content, 'first');
  arrive('second');
  await settled();
  assert.equal(first.content, 'second');
  assert.ok(tileset.isLoaded);
});

test('a tile is asked for without waiting for a frame, and the frame after the answer finds the picture complete', async () => {
  const { asked, tileset, layer, tiles } = build();
  layer._updateTileset();
  await settled();
  layer._updateTileset();
  assert.equal(layer.complete, 1);
  asked.length = 0;
  tiles.reload(tiles.tiles().slice(0, 1));
  assert.ok(!tileset.isLoaded);
  await settled();
  assert.equal(asked.length, 1);
  assert.ok(tileset.isLoaded);
  layer._updateTileset();
  assert.equal(layer.complete, 2, 'who counts what the tiles hide hears of the new one');
});

test('a touched tile out of view is fetched again when it comes back, an untouched one is not', async () => {
  const { asked, tileset, tiles } = build();
  tileset.update(view(117));
  await settled();
  const [here, other] = tiles.tiles();
  tileset.update(view(117.2));
  await settled();
  asked.length = 0;
  tiles.forget(({ x, y }) => x === here.x && y === here.y);
  tileset.update(view(117));
  await settled();
  assert.ok(asked.includes(`14/${here.x}/${here.y}`));
  assert.ok(!asked.includes(`14/${other.x}/${other.y}`));
});

test('a tile that cannot be fetched again is told and keeps its picture', async () => {
  const { faults, state, tileset, tiles } = build();
  tileset.update(view(117));
  await settled();
  state.answer = async () => { throw new Error('503'); };
  tiles.reload(tiles.tiles().slice(0, 1));
  await settled();
  assert.deepEqual(faults, ['503']);
  assert.equal(tileset.selectedTiles[0].content, 'first');
  assert.ok(tileset.isLoaded);
});

test('a tile that never came is told as missing', async () => {
  const { faults, tileset } = build({ answer: async () => { throw new Error('500'); } });
  tileset.update(view(117));
  await settled();
  assert.equal(faults.length, tileset.selectedTiles.length);
  assert.equal(tileset.selectedTiles[0].content, null);
});

test('a layer that has not taken over the tiles of its predecessor says that it is between two states', () => {
  assert.equal(deckTiles({ id: 'x', props: { data: '' }, state: null }).tiles(), null);
});
