import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { NO_SEARCH } from '../src/search/search-state.js';
import { cutAt, Search } from '../src/search/search.js';
import { Store } from '../src/store.js';

const place = (id, kind = 'building') => ({ kind, id, label: `望江路${id}号`, lon: 117.2, lat: 31.8 });

/** A search over answers that the test gives: `answer(question)` → rows, or throws. */
function build(answer) {
  const asked = [];
  const went = [];
  mock.timers.enable({ apis: ['setTimeout'] });
  globalThis.fetch = async (url, { signal }) => {
    const question = new URL(url, 'http://here').searchParams.get('q');
    asked.push(question);
    const found = await answer(question);
    signal.throwIfAborted();
    return Response.json({ results: found });
  };
  const store = new Store({ nextFrame: (callback) => callback() });
  const search = new Search({
    store, url: '/api/search', openFound: (found) => went.push(['open', found.id]), flyTo: (...at) => went.push(['fly', ...at]),
  });
  const state = () => store.state.search;
  const settle = async () => {
    mock.timers.tick(200);
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
  };
  return { search, state, asked, went, settle };
}

test('one question is asked when somebody stops typing, and none below two characters', async () => {
  const { search, state, asked, settle } = build(() => [place(1)]);
  search.type('望');
  await settle();
  assert.equal(state().status, 'short');
  for (const text of ['望江', '望江路', ' 望江路1 ']) search.type(text);
  await settle();
  assert.deepEqual(asked, ['望江路1']);
  assert.equal(state().status, 'found');
  assert.equal(state().text, ' 望江路1 ', 'what is typed is not changed under the hand');
  search.type('');
  assert.deepEqual({ ...state() }, { ...NO_SEARCH });
  mock.timers.reset();
});

test('an answer that comes after a newer question changes nothing', async () => {
  const held = [];
  const { search, state, settle } = build((question) => new Promise((resolve) => { held.push(() => resolve([place(question === 'ab' ? 1 : 2)])); }));
  search.type('ab');
  await settle();
  search.type('abc');
  await settle();
  held[1]();
  await settle();
  held[0]();
  await settle();
  assert.deepEqual(state().results.map(({ id }) => id), [2]);
  mock.timers.reset();
});

test('arrows go round, and what is chosen is opened', async () => {
  const { search, state, went, settle } = build(() => [place(1), place(2), place(3)]);
  search.take();
  assert.deepEqual(went, [], 'nothing is there to be taken');
  search.type('望江');
  await settle();
  search.move(-1);
  assert.equal(state().chosen, 2);
  search.move(1);
  search.move(1);
  search.take();
  assert.deepEqual(went, [['open', 2]], 'without a map nothing is flown to');
  assert.equal(state().open, false);
  assert.equal(search.putAway(), false);
  search.show();
  assert.equal(search.putAway(), true);
  mock.timers.reset();
});

test('a search that fails says so and can be asked again', async () => {
  let broken = true;
  const { search, state, settle } = build(() => {
    if (broken) throw new TypeError('no network');
    return [];
  });
  search.type('望江');
  await settle();
  assert.equal(state().status, 'failed');
  assert.ok(state().error.title);
  broken = false;
  search.retry();
  await settle();
  assert.equal(state().status, 'nothing');
  mock.timers.reset();
});

test('a label is cut where the question stands in it, whatever it holds', () => {
  assert.deepEqual(cutAt('望江路12号', '江路'), ['望', '江路', '12号']);
  assert.deepEqual(cutAt('Lakeside', 'LAKE '), ['', 'Lake', 'side']);
  assert.deepEqual(cutAt('望江路', 'wjl'), ['望江路', '', '']);
  assert.deepEqual(cutAt('a.c', '.*'), ['a.c', '', '']);
});
