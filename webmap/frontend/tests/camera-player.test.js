import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { CameraPlayer, PATIENCE } from '../src/devices/camera-player.js';
import { DeviceDesk } from '../src/devices/device-desk.js';
import { Store } from '../src/store.js';

const ORIGIN = 'http://10.8.0.5:8080';
const settled = async () => { for (let turn = 0; turn < 12; turn += 1) await Promise.resolve(); };

/** A page whose server answers `stream`, and a player that keeps what it was given. */
function build({ stream = { state: 'playable', player: 'hls', url: `${ORIGIN}/a.m3u8`, origin: ORIGIN }, status = 200, hosts = [ORIGIN] } = {}) {
  const document = Object.assign(new EventTarget(), { hidden: false, createElement: () => Object.assign(new EventTarget(), { currentTime: 0, remove() {} }) });
  const store = new Store({ nextFrame: () => {} });
  const played = [];
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    return new Response(JSON.stringify(stream), { status });
  };
  const play = (video, url, onFault) => {
    const one = { video, url, onFault, ended: false };
    played.push(one);
    return () => { one.ended = true; };
  };
  const player = new CameraPlayer({ store, url: '/api/devices', hosts, players: { hls: async () => play, flv: async () => play }, document });
  const camera = () => { const { status: now, reason, origin } = store.state.camera; return [now, reason, origin]; };
  const advance = (video, seconds) => { video.currentTime += seconds; video.dispatchEvent(new Event('timeupdate')); };
  return { store, document, player, played, asked, camera, advance };
}

test('what the server does not let play is said in words, and nothing is played', async () => {
  for (const state of ['none', 'unreadable', 'credentials', 'scheme', 'not_listed']) {
    const page = build({ stream: { state, player: null, url: null, origin: ORIGIN } });
    await page.player.play('C1');
    assert.deepEqual(page.camera(), ['refused', state, ORIGIN]);
    assert.equal(page.played.length, 0);
  }
  const late = build({ hosts: [] });
  await late.player.play('C1');
  assert.deepEqual(late.camera(), ['refused', 'reload', ORIGIN]);
  for (const [status, now, reason] of [[403, 'refused', 'forbidden'], [503, 'failed', 'service']]) {
    const page = build({ stream: { title: 'No' }, status });
    await page.player.play('C1');
    assert.deepEqual(page.camera().slice(0, 2), [now, reason]);
  }
});

test('it plays without sound, and only one at a time', async () => {
  const page = build();
  await page.player.play('C1');
  assert.equal(page.camera()[0], 'connecting');
  page.advance(page.played[0].video, 1);
  assert.equal(page.camera()[0], 'playing');
  assert.ok(page.played[0].video.muted);
  await page.player.play('C2');
  assert.deepEqual(page.played.map(({ ended }) => ended), [true, false]);
  page.player.stop();
  assert.deepEqual([page.played[1].ended, ...page.camera()], [true, 'idle', null, null]);
});

test('one that gives no picture, or no further one, is silent within eight seconds; a pause is a person\'s choice', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const page = build();
  await page.player.play('C1');
  context.mock.timers.tick(PATIENCE);
  assert.deepEqual(page.camera(), ['failed', 'silent', ORIGIN]);
  assert.ok(page.played[0].ended);
  await page.player.play('C1');
  const { video } = page.played[1];
  page.advance(video, 1);
  video.paused = true;
  context.mock.timers.tick(5 * PATIENCE);
  assert.equal(page.camera()[0], 'playing');
  video.paused = false;
  context.mock.timers.tick(PATIENCE);
  assert.deepEqual(page.camera(), ['failed', 'silent', ORIGIN]);
});

test('a fault, an end, and a host that the browser refuses are told apart', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const page = build();
  await page.player.play('C1');
  page.played[0].onFault('unplayable');
  context.mock.timers.tick(1);
  assert.deepEqual(page.camera(), ['failed', 'unplayable', ORIGIN]);
  await page.player.play('C1');
  page.played[1].onFault('silent'); // the browser says why in the same moment
  page.document.dispatchEvent(Object.assign(new Event('securitypolicyviolation'), { effectiveDirective: 'connect-src', blockedURI: 'http://10.8.0.9/1.ts' }));
  context.mock.timers.tick(1);
  assert.deepEqual(page.camera(), ['failed', 'elsewhere', 'http://10.8.0.9']);
  await page.player.play('C1');
  page.played[2].video.dispatchEvent(new Event('ended'));
  assert.deepEqual(page.camera(), ['failed', 'ended', ORIGIN]);
});

test('it stops when the page is hidden, and an answer that comes after a stop plays nothing', async () => {
  const page = build();
  await page.player.play('C1');
  page.document.hidden = true;
  page.document.dispatchEvent(new Event('visibilitychange'));
  assert.deepEqual([page.played[0].ended, ...page.camera().slice(0, 2)], [true, 'idle', 'hidden']);
  const pending = page.player.play('C1');
  page.player.stop();
  await pending;
  assert.equal(page.played.length, 1);
  assert.equal(page.camera()[0], 'idle');
});

// --- the card -------------------------------------------------------------------------------------------

/** A desk whose server answers `answer(url)`: status and JSON. */
function desk(answer) {
  const store = new Store({ nextFrame: () => {} });
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    const { status = 200, json = {} } = answer(url);
    return new Response(JSON.stringify(json), { status });
  };
  const made = new DeviceDesk({ store, urls: { devices: '/api/devices', facilities: '/api/facilities' }, cameraHosts: [] });
  return { store, desk: made, asked, device: () => store.state.device };
}

const CARD = { code: 'D 1', freshness: 'fresh', last_seen: 'then', values: [
  { quantity: 'gas', value: 3, unit: '%LEL' }, { quantity: 'open', value: 1, unit: null }, { quantity: 'door', value: 'closed', unit: 'x' }] };

test('a card is read with the curves of what is measured in a unit, and says so when it is gone, forbidden or cannot be read', async () => {
  const made = desk((url) => ({ json: url.includes('readings') ? { points: [] } : CARD }));
  await made.desk.open('device', 'D 1');
  assert.deepEqual(made.asked, ['/api/devices/D%201', '/api/devices/D%201/readings?quantity=gas&limit=240']);
  assert.equal(made.device().status, 'open');
  assert.deepEqual([...made.device().history.keys()], ['gas']);
  made.desk.close();
  for (const [status, state] of [[404, 'missing'], [403, 'forbidden'], [503, 'failed']]) {
    const failing = desk(() => ({ status, json: { title: 'No' } }));
    await failing.desk.open('facility', 'F1');
    assert.equal(failing.device().status, state);
    assert.deepEqual(failing.asked, ['/api/facilities/F1']);
  }
});

test('an open card follows the stream, keeps what it shows when it cannot be read again, and says when it is deleted', async () => {
  let answer = { json: CARD };
  const made = desk((url) => (url.includes('readings') ? { json: { points: [] } } : answer));
  await made.desk.open('device', 'D 1');
  answer = { status: 503, json: { title: 'No' } };
  made.desk.hears.device({ code: 'D 1', freshness: 'lost', last_seen: null });
  made.desk.hears.device({ code: 'D 2', freshness: 'late', last_seen: 'now' });
  assert.deepEqual([made.device().card.freshness, made.device().card.last_seen], ['lost', 'then']);
  await settled();
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.deepEqual([made.device().status, made.device().card.freshness], ['open', 'lost']);
  answer = { status: 404, json: { title: 'No' } };
  made.desk.hears['tiles-changed']({ changes: [{ layer: 'facilities' }] });
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.equal(made.device().status, 'open');
  made.desk.hears['tiles-changed']({ changes: [{ layer: 'devices' }] });
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.deepEqual([made.device().status, made.device().card], ['missing', null]);
  made.desk.close();
});

test('what a link names is opened unless an alarm or a warning has the place', async () => {
  const made = desk(() => ({ json: CARD }));
  made.desk.restore({ device: 'D 1', alarm: 7 });
  assert.equal(made.device().status, 'closed');
  made.desk.restore({ facility: 'F1' });
  assert.deepEqual(made.desk.linked(), { device: null, facility: 'F1' });
  await settled();
  made.desk.close();
  mock.reset();
});
