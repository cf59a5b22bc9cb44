import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXCHANGE_URL, isNews, KEPT, Link, openedLink, passes, takeToken } from '../src/access-link.js';

const TOKEN = 'aB3_-'.repeat(8) + 'xyz';
const AWAY = { status: 0, title: 'No connection' };
const USED = { status: 410, title: 'Gone', reason: 'used' };

class Memory extends Map {
  getItem = (key) => this.get(key) ?? null;
  setItem = (key, value) => this.set(key, value);
  removeItem = (key) => this.delete(key);
}

/** A page at an address, in a tab; what is asked is answered by `answers` in turn. */
function opened(hash, answers = [], storage = new Memory()) {
  const page = { replaced: [], went: [], asked: [], troubles: [], timers: [], online: null, storage };
  page.location = { hash, pathname: '/wall', search: '?lang=en', replace: (path) => page.went.push(path) };
  page.history = { state: 7, replaceState: (...words) => page.replaced.push(words) };
  page.request = async (url, options) => {
    page.asked.push([url, options, page.replaced.length]);
    const answer = answers.shift();
    if (answer.title) throw Object.assign(new Error(), answer);
    return answer;
  };
  page.onTrouble = (sentence) => page.troubles.push(sentence);
  page.later = (work, ms) => page.timers.push({ work, ms });
  page.forget = () => {};
  page.page = { addEventListener: (name, work) => { page[name] = work; } };
  return page;
}

test('a token leaves the address before anybody is asked, and the tab once it was exchanged', async () => {
  const page = opened(`#${TOKEN}`, [{ path: '/wall' }]);
  assert.equal(await new Link(page).open(), '/wall');
  assert.deepEqual(page.replaced, [[7, '', '/wall?lang=en']]);
  assert.deepEqual(page.asked, [[EXCHANGE_URL, { method: 'POST', body: { token: TOKEN } }, 1]]);
  assert.equal(page.storage.size, 0);
});

test('what is no token stays in the address and nobody is asked', async () => {
  for (const hash of ['', '#', '#map', `#${TOKEN}a`, `#${TOKEN.slice(1)}`, `#${TOKEN.slice(1)}!`]) {
    const page = opened(hash, [], new Memory([[KEPT, 'no token']]));
    assert.equal(takeToken(page), null, hash);
    assert.equal(await new Link(page).open(), null, hash);
    assert.deepEqual([page.replaced, page.asked], [[], []]);
  }
});

test('a link that opens nothing leaves no token behind either', async () => {
  const page = opened(`#${TOKEN}`, [USED]);
  const link = new Link(page);
  await assert.rejects(link.open(), USED);
  assert.deepEqual([page.replaced.length, page.storage.size, link.token], [1, 0, null]);
});

test('a page goes where its link leads, or goes on and says why it opens nothing', async () => {
  const page = opened(`#${TOKEN}`, [{ path: '/survey' }]);
  assert.equal(await openedLink(page), true);
  assert.deepEqual(page.went, ['/survey?lang=en']); // what the address says besides stays

  const over = opened(`#${TOKEN}`, [USED]);
  assert.equal(await openedLink(over), false);
  assert.match(over.troubles[0], /打开过/);
  assert.deepEqual([over.went, over.timers], [[], []]);
  const none = opened('');
  assert.equal(await openedLink(none), false);
  assert.deepEqual(none.troubles, []);
});

test('a link that met no network is said to wait, and tried again until the server has judged it', async () => {
  const page = opened(`#${TOKEN}`, [AWAY, { status: 502, title: 'Proxy' }, AWAY, { path: '/wall' }]);
  assert.equal(await openedLink(page), false);
  assert.match(page.troubles[0], /暂时连不上服务/);
  assert.equal(page.replaced.length, 1); // in the address it is not, whatever comes
  assert.equal(page.storage.get(KEPT), TOKEN);
  await page.timers[0].work();
  await page.timers[1].work();
  assert.deepEqual(page.timers.map(({ ms }) => ms), [2000, 4000, 8000]);
  assert.equal(page.troubles.length, 3);
  await page.online(); // the network is back: at once
  assert.deepEqual(page.went, ['/wall?lang=en']);
  assert.deepEqual([page.storage.size, page.timers.length], [0, 3]);
  await page.timers[2].work();
  assert.equal(page.asked.length, 4);
});

test('a judgement that comes late is told, and ends the tries', async () => {
  const page = opened(`#${TOKEN}`, [AWAY, { status: 410, title: 'Gone', reason: 'expired' }]);
  await openedLink(page);
  await page.timers[0].work();
  assert.match(page.troubles[1], /等待太久/);
  assert.deepEqual([page.storage.size, page.timers.length], [0, 1]);
});

test('a page that was loaded again meanwhile opens the link that waits in its tab, also where a tab keeps nothing', async () => {
  const page = opened('', [{ path: '/wall' }], new Memory([[KEPT, TOKEN]]));
  assert.equal(await openedLink(page), true);
  assert.equal(page.storage.size, 0);
  const full = () => { throw new DOMException('full', 'QuotaExceededError'); };
  const forbidden = opened(`#${TOKEN}`, [AWAY, { path: '/wall' }], { getItem: full, setItem: full, removeItem: full });
  assert.equal(await openedLink(forbidden), false);
  await forbidden.timers[0].work();
  assert.deepEqual(forbidden.went, ['/wall?lang=en']);
});

test('only what says nothing of the link is tried again', () => {
  assert.deepEqual([0, 429, 500, 503].map((status) => passes({ status })), [true, true, true, true]);
  assert.deepEqual([400, 403, 410, 422].map((status) => passes({ status })), [false, false, false, false]);
});

test('a wall hears of every link that opens nothing but of its own, which it was opened with before', () => {
  assert.equal(isNews('kiosk:3', USED), false);
  for (const reason of ['expired', 'unknown', 'revoked', null]) assert.equal(isNews('kiosk:3', { reason }), true, reason);
  for (const account of ['demo', 'keeper:3']) assert.equal(isNews(account, USED), true);
});
