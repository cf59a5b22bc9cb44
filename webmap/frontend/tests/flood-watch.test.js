import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { FloodWatch, PAUSE } from '../src/alarms/flood-watch.js';
import { Store } from '../src/store.js';

test('a server that is slow to say whether there is a flood is asked once at a time', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const answers = [];
  globalThis.fetch = () => new Promise((resolve) => { answers.push(resolve); });
  const store = new Store({ nextFrame: () => {} });
  const watch = new FloodWatch({ store, url: '/api/alarms' });
  watch.begin();
  mock.timers.tick(0);
  for (let id = 1; id <= 5; id += 1) {
    watch.hear({ id });
    mock.timers.tick(PAUSE);
  }
  assert.equal(answers.length, 1);
  answers[0](new Response(JSON.stringify({ flood: true, new: 14, limit: 10, window_s: 600 })));
  for (let turn = 0; turn < 20; turn += 1) await null;
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.equal(store.state.flood.on, true);
  mock.timers.tick(PAUSE);
  assert.equal(answers.length, 2, 'what came meanwhile is asked about');
  mock.timers.reset();
});
