import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SteadyStore } from '../src/wall/steady-store.js';
import { OVER, Watch } from '../src/wall/watch.js';

const S = 1000;

test('the time is the server\'s, whatever becomes of the clock of this computer', () => {
  let at = 0;
  const store = new SteadyStore({ nextFrame: () => {}, clock: () => at });
  store.setServerTime('2026-05-01T00:00:00Z');
  at = 5000;
  assert.equal(store.now(), Date.parse('2026-05-01T00:00:05Z'));
  store.setServerTime('nonsense');
  assert.equal(store.now(), Date.parse('2026-05-01T00:00:05Z'));
});

/** A watch over a wall, with times that a test moves. */
function watched({ at = '2026-05-01T15:59:00Z', served = async () => 'a', quiet = () => true } = {}) {
  const made = { days: 0, loads: 0, told: Date.parse(at), steady: 0 };
  made.watch = new Watch({
    config: { timeZone: 'Asia/Shanghai', build: 'a' }, store: { now: () => made.told }, now: () => made.steady, served, quiet,
    onDay: () => { made.days += 1; }, reload: () => { made.loads += 1; }, random: () => 0,
  });
  made.pass = (ms) => {
    made.told += ms;
    made.steady += ms;
    made.watch.look();
  };
  made.pass(0);
  return made;
}

const asked = () => new Promise((resolve) => { setTimeout(resolve, 20); });

test('a day begins at midnight of the command centre', () => {
  const wall = watched();
  wall.pass(59 * S);
  assert.equal(wall.days, 0);
  wall.pass(S);
  assert.equal(wall.days, 1);
});

test('figures are read anew where the server\'s clock was set, on the same day too, and not where it runs a little fast', () => {
  const wall = watched({ at: '2026-05-01T04:00:00Z' });
  for (let minute = 0; minute < 60; minute += 1) {
    wall.told += 0.5 * S;
    wall.pass(60 * S);
  }
  assert.equal(wall.days, 0);
  wall.told += 5 * 3600 * S;
  wall.pass(S);
  assert.equal(wall.days, 1);
  wall.told -= 5 * 3600 * S;
  wall.pass(S);
  assert.equal(wall.days, 2);
  wall.pass(S);
  assert.equal(wall.days, 2);
});

test('the page is loaded again only where the server has another one, gives it, and nothing has the picture', async () => {
  const tried = async (served, quiet, broken = false) => {
    let loads = 0;
    const watch = new Watch({
      config: { timeZone: 'UTC', build: 'a' }, store: {}, quiet: () => quiet, onDay: () => {}, served: async () => served,
      reload: () => { loads += 1; }, random: () => 0,
    });
    if (broken) watch.broken(0);
    else watch.streamBegan();
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    return loads;
  };
  assert.equal(await tried('b', true), 1);
  assert.equal(await tried('b', false), 0);
  assert.equal(await tried('a', true), 0);
  assert.equal(await tried(null, true), 0);
  assert.equal(await tried(null, true, true), 0);
  assert.equal(await tried('a', true, true), 1);
});

test('a wall without its map begins anew between two pictures, in the middle of one after a minute, and never without an answer', async () => {
  const alarms = () => false; // they go on and on
  const calm = watched();
  calm.watch.broken(0);
  await asked();
  assert.equal(calm.loads, 1);

  const busy = watched({ quiet: alarms });
  busy.watch.between();
  busy.watch.broken(0);
  await asked();
  busy.pass(30 * S);
  assert.equal(busy.loads, 0);
  busy.watch.between();
  assert.equal(busy.loads, 1);

  const held = watched({ quiet: alarms });
  held.watch.broken(0);
  await asked();
  held.pass(59 * S);
  assert.equal(held.loads, 0);
  held.pass(S);
  assert.equal(held.loads, 1);

  const away = watched({ quiet: alarms, served: async () => null });
  away.watch.broken(0);
  await asked();
  away.pass(3600 * S);
  away.watch.between();
  assert.equal(away.loads, 0);

  const other = watched({ quiet: alarms, served: async () => 'b' });
  other.watch.streamBegan();
  await asked();
  other.pass(3600 * S);
  other.watch.between();
  assert.equal(other.loads, 0, 'another build can wait');
});

test('a wall whose link is over lets go of its picture at once, and one whose server is away keeps it', async () => {
  for (const [said, loads] of [[OVER, 1], [null, 0], ['a', 0]]) {
    let loaded = 0;
    const watch = new Watch({
      config: { timeZone: 'UTC', build: 'a' }, store: {}, quiet: () => false, onDay: () => {}, served: async () => said,
      reload: () => { loaded += 1; }, random: () => 0,
    });
    watch.connection('live');
    watch.connection('stale');
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    assert.equal(loaded, loads);
  }
});
