import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXCHANGE_URL, openLink, openedLink, takeToken } from '../src/access-link.js';

const TOKEN = 'aB3_-'.repeat(8) + 'xyz';

function opened(hash) {
  const page = { location: { hash, pathname: '/wall', search: '?lang=en' }, replaced: [] };
  page.history = { state: 7, replaceState: (...words) => page.replaced.push(words) };
  return page;
}

test('a token leaves the address before anybody is asked', async () => {
  const page = opened(`#${TOKEN}`);
  const asked = [];
  const path = await openLink({
    ...page,
    request: async (url, options) => {
      assert.deepEqual(page.replaced, [[7, '', '/wall?lang=en']]);
      asked.push([url, options]);
      return { path: '/wall' };
    },
  });
  assert.equal(path, '/wall');
  assert.deepEqual(asked, [[EXCHANGE_URL, { method: 'POST', body: { token: TOKEN } }]]);
});

test('what is no token stays in the address and nobody is asked', async () => {
  for (const hash of ['', '#', '#map', `#${TOKEN}a`, `#${TOKEN.slice(1)}`, `#${TOKEN.slice(1)}!`]) {
    const page = opened(hash);
    assert.equal(takeToken(page.location, page.history), null, hash);
    assert.equal(await openLink({ ...page, request: () => assert.fail('asked') }), null, hash);
    assert.deepEqual(page.replaced, []);
  }
});

test('a link that opens nothing leaves no token behind either', async () => {
  const page = opened(`#${TOKEN}`);
  await assert.rejects(openLink({ ...page, request: async () => { throw new Error('gone'); } }), /gone/);
  assert.equal(page.replaced.length, 1);
});

test('a page goes where its link leads, or goes on and says why it opens nothing', async () => {
  const went = [];
  const page = opened(`#${TOKEN}`);
  page.location.replace = (path) => went.push(path);
  const troubles = [];
  const onTrouble = (sentence) => troubles.push(sentence);
  assert.equal(await openedLink({ ...page, onTrouble, request: async () => ({ path: '/survey' }) }), true);
  assert.deepEqual(went, ['/survey?lang=en']); // what the address says besides stays

  const refuse = async () => { throw Object.assign(new Error(), { title: 'Gone', reason: 'used' }); };
  assert.equal(await openedLink({ ...page, onTrouble, request: refuse }), false);
  assert.match(troubles[0], /打开过/);
  const away = async () => { throw Object.assign(new Error(), { title: 'No connection', detail: '', cure: 'Try again.' }); };
  assert.equal(await openedLink({ ...page, onTrouble, request: away }), false);
  assert.equal(troubles[1], 'No connection Try again.');
  assert.equal(await openedLink({ ...opened(''), onTrouble, request: refuse }), false);
  assert.equal(troubles.length, 2);
  assert.equal(went.length, 1);
});
