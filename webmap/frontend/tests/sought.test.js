import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sought } from '../src/sought.js';
import { Store } from '../src/store.js';

function build() {
  const frames = [];
  const store = new Store({ nextFrame: (callback) => frames.push(callback) });
  const went = [];
  let map = false;
  const sought = new Sought({
    store, ready: () => map, go: { dossier: ({ id }) => went.push(id), warning: ({ id }) => went.push(-id) },
  });
  const say = (topic, changes) => {
    store.set(topic, { [topic]: { ...store.state[topic], ...changes } });
    frames.splice(0).forEach((callback) => callback());
  };
  return { sought, went, say, arrive: () => { map = true; say('scene', { status: 'ready' }); } };
}

test('the map goes to the alarm of a link once both are there, whichever comes first, and only once', () => {
  for (const mapFirst of [true, false]) {
    const { sought, went, say, arrive } = build();
    sought.seek('dossier', 7);
    say('dossier', { id: 7, status: 'loading', alarm: { id: 7 } });
    if (mapFirst) arrive();
    assert.deepEqual(went, []);
    say('dossier', { status: 'open' });
    if (!mapFirst) {
      assert.deepEqual(went, []);
      arrive();
    }
    say('dossier', { status: 'open', alarm: { id: 7 } });
    assert.deepEqual(went, [7]);
  }
});

test('so it does to a warning', () => {
  const { sought, went, say, arrive } = build();
  sought.seek('warning', 3);
  say('warning', { id: 3, status: 'loading' });
  arrive();
  say('warning', { id: 3, status: 'open', warning: { id: 3 } });
  assert.deepEqual(went, [-3]);
});

test('who opens something else meanwhile is not taken away from it', () => {
  const { sought, went, say, arrive } = build();
  sought.seek('dossier', 7);
  say('dossier', { id: 7, status: 'loading' });
  say('dossier', { id: 8, status: 'open', alarm: { id: 8 } });
  arrive();
  say('dossier', { id: 7, status: 'open', alarm: { id: 7 } });
  assert.deepEqual(went, []);
});
