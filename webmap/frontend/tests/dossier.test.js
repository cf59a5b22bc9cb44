import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dossier } from '../src/alarms/dossier.js';
import { Store } from '../src/store.js';

const alarm = (more = {}) => ({
  id: 1, state: 'active_unack', severity: 'major', type: 'gas', occurred_at: '2026-11-01T00:00:00Z', ...more,
});

/** A dossier whose server answers `answer(path)`: status and JSON, or a promise of them. */
function build(answer) {
  const store = new Store({ nextFrame: () => {} });
  globalThis.fetch = async (url) => {
    const { status = 200, json = {} } = await answer(url);
    return new Response(JSON.stringify(json), { status });
  };
  return { store, dossier: new Dossier({ store, url: '/api/alarms' }), state: () => store.state.dossier };
}

const whole = (url) => ({ json: url.endsWith('/dossier') ? { alarm: alarm() }
  : url.endsWith('/steps') ? { steps: [] } : url.endsWith('/types') ? { types: [] } : alarm() });

const refused = (status) => (url) => (url.endsWith('/dossier') ? { status, json: { title: 'no' } } : whole(url));

test('an alarm that is not there, one that may not be read, and a server in trouble are three things', async () => {
  for (const [status, word] of [[404, 'missing'], [403, 'forbidden'], [503, 'failed'], [500, 'failed']]) {
    const { dossier, state } = build(refused(status));
    await dossier.open(1);
    assert.equal(state().status, word);
  }
});

test('another try keeps the alarm and the form in which somebody writes', async () => {
  const { dossier, state, store } = build(refused(503));
  store.applySnapshot({ alarms: [alarm()] });
  await dossier.open(1);
  dossier.ask('comment');
  await dossier.retry();
  assert.deepEqual([state().form, state().alarm.id, state().status], ['comment', 1, 'failed']);
  await dossier.open(2);
  assert.equal(state().form, null, 'of another alarm nothing was written');
});

test('a dossier that was opened by a link and cannot be read shows the alarm that the stream tells of', async () => {
  const { dossier, state, store } = build(refused(503));
  await dossier.open(1);
  assert.equal(state().alarm, null);
  store.applySnapshot({ alarms: [alarm()] });
  await dossier.check();
  assert.equal(state().alarm.id, 1);
});

test('an answer that the stream has overtaken does not take a dossier back', async () => {
  const waiting = [];
  const { dossier, state } = build((url) => (url.endsWith('/1')
    ? new Promise((resolve) => { waiting.push(() => resolve({ json: alarm({ state: 'active_ack' }) })); }) : whole(url)));
  await dossier.open(1);
  const checked = dossier.check();
  dossier.hear(alarm({ state: 'closed' }));
  waiting.forEach((release) => release());
  await checked;
  assert.equal(state().alarm.state, 'closed');
});
