import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXCHANGE_URL, openLink, takeToken } from '../src/access-link.js';

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
