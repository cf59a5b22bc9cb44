import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Footprints } from '../src/alarms/footprints.js';

test('a page that runs for weeks shows the building of each new alarm, and keeps no more than it may', async (context) => {
  const asked = [];
  context.mock.method(globalThis, 'fetch', async (url) => {
    const ids = url.split('=')[1].split(',').map(Number);
    asked.push(...ids);
    return Response.json({ buildings: ids.map((id) => ({ id })) });
  });
  const footprints = new Footprints({ url: '/footprints', onArrival: () => {} });
  for (let id = 1; id <= 2000; id += 100) await footprints.want(Array.from({ length: 100 }, (_, at) => id + at));
  assert.equal(asked.length, 2000);
  assert.ok(footprints.get(2000));
  assert.ok(Array.from({ length: 2000 }, (_, at) => footprints.get(at + 1)).filter(Boolean).length <= 600);
  await footprints.want([2000, 1]);
  assert.equal(asked.length, 2001, 'what is here is not asked for again');
});
