import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { PATIENCE, Troubles } from '../src/base/troubles.js';

function met() {
  const heard = { gone: 0, said: [] };
  const listeners = {};
  const tiles = { 'under:imagery:ortho': [] };
  const map = {
    on: (name, listener) => { listeners[name] = listener; },
    style: { get tileManagers() {
      return Object.fromEntries(Object.entries(tiles).map(([id, list]) => [id, { _inViewTiles: { getAllTiles: () => list } }]));
    } },
  };
  const troubles = new Troubles({ onChange: (said) => { heard.said = said; }, onGone: () => { heard.gone += 1; } });
  troubles.follow(map);
  return { heard, listeners, tiles, troubles };
}

test('a host that swallows requests is told after a while, and no more once a tile comes', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { heard, listeners, troubles } = met();
  troubles.await('tiles');
  mock.timers.tick(PATIENCE - 1);
  assert.deepEqual(heard.said, []);
  mock.timers.tick(1);
  assert.deepEqual(heard.said, [['tiles', 'missing']]);
  listeners.sourcedata({ sourceId: 'under:tiles-1', tile: { state: 'loaded' } });
  assert.deepEqual(heard.said, []);
  mock.timers.reset();
});

test('of a tile that is not there it is asked once whether its source is still on record', () => {
  const { heard, listeners, tiles, troubles } = met();
  listeners.idle();
  assert.equal(heard.gone, 0);
  tiles['under:imagery:ortho'] = [{ state: 'errored' }];
  tiles.base = [{ state: 'errored' }];
  listeners.idle();
  listeners.idle();
  assert.equal(heard.gone, 1);
  troubles.gone(['imagery:ortho']);
  assert.deepEqual(heard.said, [['imagery:ortho', 'gone']]);
});

test('a file that cannot be read is told at once, and breaks nothing', () => {
  const { heard, troubles } = met();
  troubles.met('terrain', 503);
  troubles.met('terrain', 503);
  assert.deepEqual(heard.said, [['terrain', 'missing']]);
  assert.equal(heard.gone, 0);
});
