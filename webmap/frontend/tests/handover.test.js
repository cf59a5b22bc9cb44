import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Freeze } from '../src/tools/freeze.js';
import { HandoverPage, INITIAL } from '../src/handover/page.js';
import { shiftSentences } from '../src/handover/shift-words.js';
import { setLanguage } from '../src/i18n/index.js';
import { Store } from '../src/store.js';

const QUIET = {
  alarms: { raised: {}, raised_still_open: 0, acknowledged_after_s: {}, steps: { acknowledged: 0, cleared: 0, closed: 0, shelved: 0, commented: 0 }, open: {} },
  events: { received: 0, done: 0, open: 0, overdue: 0 }, tasks: { done: 0, overdue: 0 }, devices: {}, warnings: { in_force: [] }, grids: { redrawn: 0 },
};

test('a quiet shift is told as such, in both languages and without a hole', () => {
  for (const language of ['zh-CN', 'en']) {
    setLanguage(language);
    const sentences = shiftSentences(QUIET);
    assert.equal(sentences.length, 7);
    for (const sentence of sentences) assert.doesNotMatch(sentence, /[{}]|undefined|NaN|—/, sentence);
  }
});

test('what is open comes first, the worst severity first, and nothing is interpreted', () => {
  setLanguage('zh-CN');
  const [open, raised, , answered, ...others] = shiftSentences({
    ...QUIET,
    alarms: {
      ...QUIET.alarms, open: { minor: { open: 3, unacknowledged: 1 }, critical: { open: 2, unacknowledged: 2 } },
      raised: { critical: 4, info: 1200 }, raised_still_open: 5, acknowledged_after_s: { critical: 90 },
    },
    warnings: { in_force: [{ event: '暴雨', area_desc: '{count}<b>' }, { event: '大风', area_desc: null }] },
    grids: { redrawn: 2 },
  });
  assert.equal(open, '目前未关闭告警 5 条（紧急 2，次要 3），其中 3 条无人确认。');
  assert.equal(raised, '新发告警 1,204 条（紧急 4，提示 1,200），其中 5 条尚未关闭。');
  assert.match(answered, /紧急 1 分钟。/);
  assert.ok(others.includes('灾害预警生效中：暴雨（{count}<b>）。'));
  assert.ok(others.includes('灾害预警生效中：大风（—）。'));
  assert.equal(others.at(-1), '2 个网格的边界有变动。');
});

test('the same moment is replayed from what was frozen', () => {
  setLanguage('zh-CN');
  const page = new HandoverPage({ config: { urls: { sandbox: '/' }, id: 3 }, store: new Store({ nextFrame: () => {}, initial: INITIAL }), location: { search: '' }, history: {}, ask: null });
  const url = new URL(page.replayUrl({ view: '?metric=use&camera=1,2,3,4,5&alarm=7', at: '2026-11-23T06:00:00+00:00' }), 'http://here');
  assert.deepEqual(Object.fromEntries(url.searchParams), { metric: 'use', camera: '1,2,3,4,5', alarm: '7', at: '2026-11-23T06:00:00+00:00', lang: 'zh-CN' });
});

test('what could not be frozen is said, and what was written stays to be sent again', async () => {
  const sent = [];
  const frozen = [];
  const answers = [Response.json({ title: 'Overloaded', detail: 'Try again.' }, { status: 503 }), Response.json({ id: 9 }, { status: 201 })];
  globalThis.fetch = async (url, { body }) => {
    sent.push([url, JSON.parse(body)]);
    return answers.shift();
  };
  const store = new Store({ nextFrame: (callback) => callback() });
  const freeze = new Freeze({ store, url: '/api/handovers', picture: async () => null, view: () => `?${'a'.repeat(900)}`, onFrozen: (...told) => frozen.push(told) });
  assert.equal(freeze.putAway(), false);
  freeze.ask(7);
  await freeze.send('  看住 ');
  assert.equal(store.state.freeze.status, 'asking');
  assert.equal(store.state.freeze.error.title, 'Overloaded');
  assert.deepEqual(frozen, []);
  // A second click that comes before the button is disabled sends nothing.
  await Promise.all([freeze.send('  '), freeze.send('  ')]);
  assert.deepEqual(frozen, [[7, 9]]);
  assert.deepEqual([store.state.freeze.status, store.state.freeze.id], ['done', 9]);
  assert.deepEqual(sent.map(([, { view, ...body }]) => [body, view.length]), [
    [{ kind: 'alarm', alarm_id: 7, note: '看住' }, 600], [{ kind: 'alarm', alarm_id: 7, note: null }, 600]]);
  assert.equal(freeze.putAway(), true);
  assert.equal(new Freeze({ store, url: undefined }).may, false);
});
