import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUSY, MOST_CHANGES, PAUSE, RETRY, TileUpdates } from '../src/map/tile-updates.js';
import { chance } from './chance.js';

/** Sources whose tiles are fetched when the test says so, and a clock that the test moves. */
class Page {
  constructor(sources) {
    this.time = 0;
    this.timers = [];
    this.asked = [];
    this.forgotten = [];
    this.between = false;
    this.retries = [];
    this.cutOff = [];
    this.sources = Object.entries(sources).map(([id, { names, tiles }]) => ({
      id, names: new Set(names), held: tiles.map((tile) => ({ loading: false, ...tile })),
    }));
    this.updates = new TileUpdates({
      sources: () => this.sources.map((source) => ({
        id: source.id,
        names: source.names,
        tiles: () => (this.between ? null : source.held),
        reload: (tiles) => this.#reload(source, tiles),
        forget: (touched) => this.forgotten.push(touched),
      })),
      onRetry: () => this.retries.push(this.time),
      clock: {
        now: () => this.time,
        setTimeout: (callback, ms) => this.timers.push({ at: this.time + ms, callback }),
      },
    });
  }

  #reload(source, tiles) {
    for (const { z, x, y } of tiles) {
      this.asked.push(`${source.id} ${z}/${x}/${y} @${this.time}`);
      for (const held of source.held.filter((each) => each.z === z && each.x === x && each.y === y)) {
        if (held.loading) this.cutOff.push(`${z}/${x}/${y}`);
        held.loading = true;
      }
    }
  }

  arrive() {
    for (const { held } of this.sources) for (const tile of held) tile.loading = false;
  }

  pass(ms) {
    for (const end = this.time + ms; this.time <= end; this.time += 1) {
      const due = this.timers.filter(({ at }) => at <= this.time);
      this.timers = this.timers.filter(({ at }) => at > this.time);
      for (const { callback } of due) callback();
    }
  }
}

const tiles = (z, ...places) => places.map(([x, y]) => ({ z, x, y }));
const change = (cells, layer = 'buildings', z = 14) => ({ layer, minzoom: 0, maxzoom: 22, z, cells });
const city = () => new Page({
  base: { names: ['roads', 'water'], tiles: tiles(14, [5, 5], [9, 9]) },
  buildings: { names: ['buildings'], tiles: tiles(14, [5, 5], [9, 9]) },
});

test('only the touched tiles of the sources that hold the layer are fetched, at once', () => {
  const page = city();
  page.updates.changed([change([[5, 5]])]);
  page.pass(0);
  assert.deepEqual(page.asked, ['buildings 14/5/5 @0']);
  page.arrive();
  page.pass(1000);
  page.updates.changed([change([[9, 9]], 'water')]);
  page.pass(1000);
  assert.deepEqual(page.asked.slice(1), ['base 14/9/9 @1002']);
});

test('a change that no loaded tile shows asks for nothing', () => {
  const page = city();
  page.updates.changed([change([[500, 500]]), change([[5, 5]], 'grids')]);
  page.pass(1000);
  assert.deepEqual(page.asked, []);
  assert.deepEqual(page.timers, []);
});

test('a burst asks for a tile at most once in a pause, and once more after its end', () => {
  const page = city();
  for (let at = 0; at < 1000; at += 10) {
    page.updates.changed([change([[5, 5]])]);
    page.arrive();
    page.pass(9);
  }
  const last = page.time;
  page.arrive();
  page.pass(1000);
  const times = page.asked.map((line) => Number(line.split('@')[1]));
  assert.ok(times.every((time, index) => index === 0 || time - times[index - 1] >= PAUSE), times.join());
  assert.ok(times.length <= 6 && times.at(-1) >= last - 10, times.join());
});

test('a storm of any length asks for a tile twice a second, and a calm tile is asked for at once again', () => {
  const page = city();
  for (let at = 0; at < 10_000; at += 7) { // timers are a little late, as in browsers
    page.updates.changed([change([[5, 5]])]);
    page.arrive();
    page.pass(0);
    page.time += 6;
  }
  assert.ok(page.asked.length <= 10_000 / BUSY + 2, page.asked.length);
  page.arrive();
  page.pass(BUSY);
  page.arrive();
  page.pass(2 * BUSY);
  const calm = page.time;
  page.updates.changed([change([[5, 5]])]);
  page.pass(0);
  assert.equal(page.asked.at(-1), `buildings 14/5/5 @${calm}`);
});

test('tiles that change all the time put off no other', () => {
  const page = city();
  for (let at = 0; at < 600; at += 10) {
    page.updates.changed([change([[5, 5]]), change([[700, 700]])]);
    page.arrive();
    page.pass(9);
  }
  page.updates.changed([change([[9, 9]])]);
  const changed = page.time;
  page.pass(0);
  assert.equal(page.asked.at(-1), `buildings 14/9/9 @${changed}`);
});

test('what came while a tile was on its way is asked for soon after it arrived, within the pause no sooner', () => {
  const page = city();
  page.updates.changed([change([[5, 5]])]);
  page.pass(10);
  page.updates.changed([change([[5, 5]])]);
  page.pass(2 * PAUSE);
  page.arrive();
  const arrived = page.time;
  page.pass(PAUSE);
  const [first, second] = page.asked.map((line) => Number(line.split('@')[1]));
  assert.deepEqual([first, page.asked.length], [0, 2]);
  assert.ok(second - arrived <= 60, `${second - arrived} ms after it arrived`);
  page.arrive();
  page.updates.changed([change([[5, 5]])]);
  page.pass(BUSY);
  assert.equal(Number(page.asked.at(-1).split('@')[1]) - second, BUSY);
});

test('a tile that is on its way is left to arrive and then fetched again', () => {
  const page = city();
  page.updates.changed([change([[5, 5]])]);
  page.pass(100);
  page.updates.changed([change([[5, 5]])]);
  page.pass(5000);
  assert.equal(page.asked.length, 1, 'a slow answer is not cut off');
  page.arrive();
  page.pass(PAUSE);
  assert.equal(page.asked.length, 2);
  page.arrive();
  page.pass(5000);
  assert.equal(page.asked.length, 2);
  assert.deepEqual(page.timers, []);
});

test('a tile that went out of view while it was waited for is not shown again from the cache', () => {
  const page = city();
  page.sources[1].held[0].loading = true;
  page.updates.changed([change([[5, 5]])]);
  page.pass(10);
  page.sources[1].held.shift();
  page.pass(PAUSE);
  assert.ok(page.forgotten.at(-1)({ z: 14, x: 5, y: 5 }));
  assert.ok(!page.forgotten.at(-1)({ z: 14, x: 9, y: 9 }));
  page.pass(PAUSE);
  assert.deepEqual(page.timers, []);
});

test('nothing is lost while the library is between two states', () => {
  const page = city();
  page.between = true;
  page.updates.changed([change([[5, 5]])]);
  page.pass(1000);
  assert.deepEqual(page.asked, []);
  page.between = false;
  page.pass(PAUSE);
  assert.equal(page.asked.length, 1);
});

test('after a break every tile in view is asked for once', () => {
  const page = city();
  page.updates.revalidate();
  page.updates.revalidate();
  page.pass(0);
  page.arrive();
  page.pass(1000);
  assert.deepEqual(page.asked, ['base 14/5/5 @0', 'base 14/9/9 @0', 'buildings 14/5/5 @0', 'buildings 14/9/9 @0']);
});

test('a page that slept keeps a bounded number of changes and misses none', () => {
  const page = city();
  page.between = true;
  for (let at = 0; at < MOST_CHANGES * 3; at += 1) page.updates.changed([change([[500 + at, 500]])]);
  page.between = false;
  page.pass(PAUSE);
  assert.equal(page.asked.length, 4);
});

test('tiles that failed are asked for again, later each time it fails again, soon after it had gone well', () => {
  const page = city();
  const { first, most } = RETRY;
  for (let index = 0; index < 20; index += 1) page.updates.failed();
  page.pass(first);
  assert.deepEqual(page.retries, [first]);
  for (let round = 0; round < 5; round += 1) {
    page.updates.failed();
    page.pass(most);
  }
  const pauses = page.retries.slice(1).map((time, index) => time - page.retries[index]);
  assert.ok(pauses[0] >= 2 * first && pauses[1] >= pauses[0], pauses.join());
  assert.equal(page.retries.length, 6);
  page.pass(4 * most);
  const calm = page.time;
  page.updates.failed();
  page.pass(first);
  assert.equal(page.retries.at(-1) - calm, first);
});

test('the same tile of two copies of the world is asked for once', () => {
  const page = new Page({ base: { names: ['buildings'], tiles: tiles(14, [5, 5], [5, 5]) } });
  page.updates.changed([change([[5, 5]])]);
  page.pass(0);
  assert.equal(page.asked.length, 1);
});

test('whatever comes, no tile is asked for twice within a pause, nor while it is on its way', () => {
  const random = chance(11);
  const page = city();
  for (let step = 0; step < 3000; step += 1) {
    const cell = random(2) ? [5, 5] : [9, 9];
    if (random(3)) page.updates.changed([change([cell], random(4) ? 'buildings' : 'water')]);
    if (random(40) === 0) page.updates.revalidate();
    page.between = random(20) === 0;
    if (random(3) === 0) page.arrive();
    page.pass(random(30));
  }
  const times = Map.groupBy(page.asked, (line) => line.split(' @')[0]);
  assert.equal(times.size, 4);
  for (const [tile, lines] of times) {
    const at = lines.map((line) => Number(line.split('@')[1]));
    assert.ok(at.length > 20, tile);
    assert.ok(at.every((time, index) => index === 0 || time - at[index - 1] >= PAUSE), `${tile}: ${at.join()}`);
  }
  assert.ok(page.timers.length < 10, 'no heap of timers');
  assert.deepEqual(page.cutOff, []);
});

test('whatever the order of changes and answers, the last change of a tile is fetched after it', () => {
  const random = chance(7);
  for (let round = 0; round < 200; round += 1) {
    const page = city();
    let lastChange = 0;
    for (let step = 0; step < 40; step += 1) {
      if (random(2)) {
        page.updates.changed([change([[5, 5]])]);
        lastChange = page.time;
      }
      page.pass(random(200));
      if (random(2)) page.arrive();
    }
    for (let step = 0; step < 4; step += 1) {
      page.arrive();
      page.pass(PAUSE + 1);
    }
    const lastFetch = Number(page.asked.at(-1).split('@')[1]);
    assert.ok(lastFetch >= lastChange, `round ${round}: fetched at ${lastFetch}, changed at ${lastChange}`);
  }
});
