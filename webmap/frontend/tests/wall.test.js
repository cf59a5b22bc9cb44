import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Figures, difference } from '../src/wall/figures.js';
import { FigureDesk } from '../src/wall/figure-desk.js';
import { arcMinutes, DEFAULT_WALL, fit, layoutOf, LEAST, typePixels, wallOf } from '../src/wall/legibility.js';
import { optionsOf } from '../src/wall/options.js';
import { RollUp } from '../src/wall/roll-up.js';
import { shown, SHOWS } from '../src/wall/shows.js';
import { Sound } from '../src/wall/sound.js';
import { SteadyStore } from '../src/wall/steady-store.js';
import { Tour } from '../src/wall/tour.js';
import { TourDesk } from '../src/wall/tour-desk.js';
import { reading } from '../src/data/rates/rates.js';
import { FIGURES } from '../src/grids/grid-figures.js';
import { METRICS } from '../src/url-state.js';

const S = 1000;

// --- legibility ------------------------------------------------------------------------------------------------

test('text is as high as its angle and the distance make it, whatever the pixels of the window', () => {
  // 6 m × tan 20′ = 34.9 mm; of 2.4 m on 1080 lines that is 15.7 px of digit, 21.6 px of type.
  assert.ok(Math.abs(typePixels(20, DEFAULT_WALL, 1080) - 21.6) < 0.05);
  assert.ok(Math.abs(typePixels(20, DEFAULT_WALL, 2160) - 43.2) < 0.1);
  assert.ok(Math.abs(arcMinutes(21.6, DEFAULT_WALL, 1080) - 20) < 0.05);
  assert.ok(Math.abs(typePixels(20, { height_m: 2.4, distance_m: 12 }, 1080) - 43.2) < 0.1);
});

const WINDOWS = [[1920, 1080], [3840, 2160], [7680, 2160], [3840, 1080], [1024, 768], [1366, 768], [1080, 1920]];

test('every window of a wall of which nothing is said shows all there is, at 20 minutes and more', () => {
  for (const [width, height] of WINDOWS.slice(0, 6)) {
    const { density, minutes, legible } = fit({ width, height }, DEFAULT_WALL);
    assert.deepEqual([density, legible], ['full', true], `${width} × ${height}`);
    assert.ok(minutes >= 20 && minutes <= 26.01, `${width} × ${height}: ${minutes}`);
  }
});

test('from farther away less is shown rather than smaller, and what cannot be read is said to be so', () => {
  const of = (distance) => fit({ width: 1920, height: 1080 }, { height_m: 2.4, distance_m: distance });
  assert.deepEqual([6, 8, 10, 16].map((far) => of(far).density), ['full', 'fewer', 'fewer', 'numbers']);
  for (const far of [3, 6, 8, 10, 12, 16]) assert.ok(of(far).smallest >= LEAST - 0.01, `${far} m: ${of(far).smallest}`);
  assert.equal(of(60).legible, false);
  assert.equal(of(60).density, 'numbers');
});

test('a wall that is configured with nonsense is one of which nothing was said', () => {
  assert.deepEqual(wallOf({ height_m: 0, distance_m: -3 }), DEFAULT_WALL);
  assert.deepEqual(wallOf({ height_m: 'x', distance_m: 1e9 }), DEFAULT_WALL);
  assert.deepEqual(wallOf({ height_m: '1.5', distance_m: 4 }), { height_m: 1.5, distance_m: 4 });
});

test('layouts go by the shape of the window', () => {
  assert.deepEqual(WINDOWS.map(([width, height]) => layoutOf({ width, height })),
    ['standard', 'standard', 'wide', 'wide', 'narrow', 'standard', 'tall']);
});

// --- options -------------------------------------------------------------------------------------------------------

test('the address overrules the link, and nonsense in either is nothing', () => {
  const display = { height_m: 3, distance_m: 9, tour: 4, sound: false, low_power: true };
  assert.deepEqual(optionsOf('', display), {
    wall: { height_m: 3, distance_m: 9 }, tour: 4, seconds: 20, sound: false, low: true, check: false, edit: null });
  const asked = optionsOf('?distance=5&tour=7&sound=1&low=0&check&takeover=45&edit=new', display);
  assert.deepEqual(asked, { wall: { height_m: 3, distance_m: 5 }, tour: 7, seconds: 45, sound: true, low: false, check: true, edit: 'new' });
  assert.deepEqual(optionsOf('?height=&tour=-1&takeover=x&edit=<b>'), {
    wall: DEFAULT_WALL, tour: null, seconds: 20, sound: true, low: null, check: false, edit: null });
});

// --- roll-up -------------------------------------------------------------------------------------------------------

function county() {
  const rollUp = new RollUp();
  const named = (code, name) => ({ code, name, name_en: null });
  rollUp.takePlaces('county', [named('999001000000', '望江区'), { code: '000000000000', name: null }]);
  rollUp.takePlaces('street', [named('999001001000', '甲街道'), named('999001002000', '乙街道')]);
  rollUp.takePlaces('community', [named('999001001001', '一社区'), named('999001002001', '二社区')]);
  rollUp.takePlaces('grid', ['999001001001001', '999001001001002', '999001002001001'].map((code) => named(code, code.slice(-3))));
  return rollUp;
}

test('a place is as bad as the worst below it, and waits while nobody has seen one of those', () => {
  const rollUp = county();
  rollUp.takeSnapshot([
    { code: '999001001001001', counts: { alarms_major: 2, alarms_info: 1 } },
    { code: '999001002001001', counts: { alarms_minor: 1, unacknowledged_minor: 1, events_open: 3 } },
  ]);
  const states = (level) => rollUp.states(level).map(({ worst, waiting, count }) => [worst, waiting, count]);
  assert.deepEqual(states('county'), [['major', false, 2]]);
  assert.deepEqual(states('street'), [['major', false, 2], ['minor', true, 1]]);
  assert.deepEqual(states('grid'), [['major', false, 2], [null, false, 0], ['minor', true, 1]]);
  assert.deepEqual(rollUp.worstPath().map(({ name }) => name), ['望江区', '甲街道', '一社区', '001']);
  assert.equal(rollUp.counts().events_open, 3);
});

test('sums follow what the stream tells of a grid, however often it is told, and come back to nothing', () => {
  const rollUp = county();
  rollUp.takeSnapshot([]);
  const code = '999001001001002';
  for (let time = 0; time < 3; time += 1) rollUp.take({ code, counts: { alarms_critical: 4, unacknowledged_critical: 1 } });
  assert.deepEqual(rollUp.counts('999001'), { alarms_critical: 4, unacknowledged_critical: 1 });
  rollUp.take({ code, counts: {} });
  assert.deepEqual([rollUp.counts(), rollUp.worstPath()], [{}, []]);
  assert.deepEqual(rollUp.states('county')[0].worst, null);
});

test('where places were drawn anew the old ones are gone, and unplaced alarms count in the whole alone', () => {
  const rollUp = county();
  rollUp.takeSnapshot([{ code: '000000000000000', counts: { alarms_critical: 1 } }]);
  rollUp.takePlaces('grid', [{ code: '999001001001009', name: '九' }]);
  assert.deepEqual(rollUp.states('grid').map(({ name }) => name), ['九']);
  assert.equal(rollUp.place('999001001001001'), null);
  assert.equal(rollUp.counts().alarms_critical, 1);
  assert.deepEqual(rollUp.worstPath(), []);
});

// --- figures ---------------------------------------------------------------------------------------------------------

const measure = (value, days, yesterday = null, lastWeek = null) => ({
  value, yesterday, last_week: lastWeek, days: days.map((one, at) => ({ day: `2026-05-0${at + 1}`, value: one })) });

test('what the stream tells stands in place of what was read, and what nobody knows is not 0', () => {
  const answer = { measures: { residents: measure(50, [48, 49, 50], 49), events_open: measure(9, [1, 2, 9], 2) }, entry_rate: [] };
  const figures = new Figures(answer, { events_open: 4 });
  assert.deepEqual([figures.value('residents'), figures.value('events_open'), figures.value('alarms_critical'), figures.value('keepers_on_duty')], [50, 4, 0, null]);
  const trend = figures.trend(['events_open']);
  assert.deepEqual([trend.value, trend.yesterday, trend.lastWeek, trend.days.map(({ value }) => value)], [4, 2, null, [1, 2, 4]]);
  assert.equal(new Figures(null, null).value('events_open'), null);
  assert.deepEqual([difference(4, 2), difference(4, null), difference(null, 2)], [2, null, null]);
  assert.equal(figures.sum(['residents', 'keepers_on_duty']), null);
});

test('a rate is read as on the data page: of nothing declared, of 0 and above all as well', () => {
  const rated = (rate, numerator, denominator) => new Figures({ measures: {}, entry_rate: [{ kind: 'housing', rate, numerator, denominator }] }, null).rates().map(reading)[0];
  assert.deepEqual(rated(0.78, 78, 100), { state: 'known', value: 0.78 });
  assert.deepEqual(rated(1.04, 104, 100), { state: 'over', value: 1.04 });
  assert.deepEqual(rated(null, 5, 0), { state: 'over', value: null });
  assert.deepEqual(rated(null, 0, 0), { state: 'nothing', value: null });
  assert.deepEqual(rated(null, 5, null), { state: 'unknown', value: null });
});

test('days without an alarm are counted as far as they are known', () => {
  const none = ['critical', 'major', 'minor', 'warning', 'info'].map((name) => [`alarms_${name}`, measure(0, [null, 0, 0, 0])]);
  const answer = (came) => ({ measures: Object.fromEntries([...none, ['alarms_today', measure(came.at(-1), came)]]), entry_rate: [] });
  assert.equal(new Figures(answer([null, 3, 0, 0]), {}).calmDays(), 2);
  assert.equal(new Figures(answer([null, null, 0, 0]), {}).calmDays(), 2);
  assert.equal(new Figures(answer([0, 0, 0, 1]), {}).calmDays(), 0);
});

test('an empty city is told from one that is not known yet', () => {
  const of = (value) => ({ measures: Object.fromEntries(['buildings', 'residents', 'devices', 'events_today'].map((name) => [name, measure(value, [])])), entry_rate: [] });
  assert.deepEqual([new Figures(null, null).recorded, new Figures(of(0), {}).recorded, new Figures(of(2), {}).recorded], [true, false, true]);
});

/** A clock whose timers run when it is put forward. */
function fakeClock() {
  let [time, id] = [0, 0];
  const timers = new Map();
  return {
    now: () => time,
    setTimeout: (callback, ms) => { id += 1; timers.set(id, { at: time + ms, callback }); return id; },
    clearTimeout: (one) => timers.delete(one),
    async forward(ms) {
      const end = time + ms;
      for (;;) {
        const due = [...timers].filter(([, { at }]) => at <= end).sort(([, one], [, other]) => one.at - other.at)[0];
        if (!due) break;
        timers.delete(due[0]);
        time = due[1].at;
        due[1].callback();
        for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
      }
      time = end;
    },
  };
}

test('figures are read at once where something changed, every few seconds while it goes on, else each minute', async () => {
  const clock = fakeClock();
  const asked = [];
  const desk = new FigureDesk({
    urls: { kpi: '/kpi', rollup: '/rollup' }, rollUp: new RollUp(), onRead: () => {}, clock,
    request: async (url) => { if (url === '/kpi') asked.push(clock.now()); return url === '/kpi' ? {} : { level: 'grid', places: [] }; },
  });
  desk.begin();
  await clock.forward(10 * S);
  assert.deepEqual(asked, [0]);
  desk.changed();
  for (let at = 0; at < 100; at += 1) { await clock.forward(100); desk.changed(); }
  assert.ok(asked[1] === 10_200, String(asked));
  assert.ok(asked.length <= 6, String(asked));
  await clock.forward(200 * S);
  assert.ok(asked.length <= 11, String(asked));
});

test('a question that a network swallowed holds up nothing: figures are read as soon as a stream begins again', async () => {
  const clock = fakeClock();
  const [told, answers] = [[], []];
  const desk = new FigureDesk({
    urls: { kpi: '/kpi', rollup: '/rollup' }, rollUp: new RollUp(), onRead: ({ kpi, kpiError }) => told.push(kpi ?? kpiError), clock,
    request: (url) => (url === '/kpi' ? new Promise((resolve, reject) => { answers.push({ resolve, reject }); }) : Promise.resolve({ level: 'grid', places: [] })),
  });
  desk.begin();
  await clock.forward(15 * S);
  desk.begin();
  await clock.forward(S);
  assert.equal(answers.length, 2);
  answers[0].reject({ title: 'no answer in time' });
  answers[1].resolve('figures of now');
  await clock.forward(S);
  assert.deepEqual(told.filter((one) => one !== undefined), ['figures of now']);
  await clock.forward(61 * S);
  assert.equal(answers.length, 3, 'and once a minute');
});

test('rooms that a keeper surveys are read within a second, also while other figures change all the time', async () => {
  const clock = fakeClock();
  const asked = [];
  const desk = new FigureDesk({
    urls: { kpi: '/kpi', rollup: '/rollup' }, rollUp: new RollUp(), onRead: () => {}, clock,
    request: async (url) => { if (url === '/kpi') asked.push(clock.now()); return url === '/kpi' ? {} : { level: 'grid', places: [] }; },
  });
  const told = (housing) => desk.hears.kpi({ code: '999001001001001', entered: { housing } });
  told(7);
  await clock.forward(10 * S);
  for (let housing = 8; housing < 18; housing += 1) {
    for (let at = 0; at < 17; at += 1) { await clock.forward(100); told(housing - 1); }
    const since = clock.now();
    told(housing);
    await clock.forward(450);
    assert.ok(asked.some((at) => at >= since && at <= since + 450), `${since}: ${asked}`);
  }
});

// --- tour ------------------------------------------------------------------------------------------------------------

const stop = (title, parts = {}) => ({ title, seconds: 10, bounds: [0, 0, 1, 1], target: { kind: 'place' }, show: 'alarms', ...parts });

test('a tour goes through its stops, begins a stop anew after a takeover, and passes over what is gone', () => {
  const tour = new Tour();
  tour.take({ name: 'A', stops: [stop('一'), stop('无', { gone: true, bounds: null }), stop('二', { seconds: 1 })] });
  assert.deepEqual([tour.length, tour.skipped, tour.look(0), tour.stop.title], [2, 1, 'begins', '一']);
  assert.equal(tour.look(9 * S), null);
  tour.wait();
  assert.deepEqual([tour.look(15 * S), tour.stop.title], ['begins', '一']);
  assert.equal(tour.look(24 * S), null);
  assert.deepEqual([tour.look(25 * S), tour.stop.title], ['begins', '二']);
  assert.equal(tour.look(27 * S), null); // three seconds at least
  assert.deepEqual([tour.look(28 * S), tour.stop.title], ['round', '一']);
});

test('a tour that was edited goes on at the stop where it is; one without stops does nothing', () => {
  const tour = new Tour();
  tour.take({ stops: [stop('一'), stop('二')] });
  tour.look(0);
  tour.look(10 * S);
  assert.equal(tour.take({ stops: [stop('新'), stop('一'), stop('二')] }), true);
  assert.deepEqual([tour.at, tour.look(11 * S)], [2, null]);
  assert.equal(tour.take({ stops: [stop('新'), stop('一'), stop('二')] }), false);
  tour.take({ stops: [] });
  assert.deepEqual([tour.stop, tour.look(12 * S)], [undefined, null]);
  tour.go(1);
});

test('a tour that was deleted is replaced by the default one, and that is said', async () => {
  const store = new SteadyStore({ nextFrame: () => {}, initial: { wall: {} } });
  const { ApiError } = await import('../src/api.js');
  const desk = new TourDesk({
    urls: { tour: '/tours/{id}' }, id: 9, store, now: () => 0, onStop: () => {},
    request: async (url) => { if (url === '/tours/9') throw new ApiError({ status: 404, title: 'gone' }); return { name: '', stops: [stop(url)] }; },
  });
  await desk.start();
  assert.deepEqual([store.state.wall.tour.missing, store.state.wall.tour.title], [true, '/tours/default']);
});

test('every stop shows something that the page has', () => {
  for (const { figure, metric } of Object.values(SHOWS)) assert.ok(FIGURES.includes(figure) && METRICS.includes(metric));
  assert.deepEqual(shown('toString'), SHOWS.alarms);
});

// --- sound -------------------------------------------------------------------------------------------------------------

function heard({ allowed = true, stored = null, wanted = true } = {}) {
  const [states, tones, kept] = [[], [], new Map(stored === null ? [] : [['shapan.wall.muted', stored]])];
  const param = () => ({ value: 0, setValueAtTime() {}, linearRampToValueAtTime() {} });
  const node = () => ({ frequency: param(), gain: param(), connect: (to) => to, start: (at) => tones.push(at), stop() {} });
  const context = { state: 'suspended', currentTime: 0, destination: {}, createOscillator: node, createGain: node,
    resume: async () => { if (allowed) context.state = 'running'; else await new Promise(() => {}); } };
  let now = 0;
  const sound = new Sound({ wanted, storage: () => ({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) }),
    open: () => context, onState: (state) => states.push(state), now: () => now });
  return { sound, states, tones, kept, pass: (ms) => { now += ms; } };
}

test('many alarms are one sound, a muted wall makes none and remembers it', async () => {
  const { sound, states, tones, kept, pass } = heard();
  await sound.start();
  for (let at = 0; at < 20; at += 1) sound.alert('alarm');
  assert.equal(tones.length, 4);
  await sound.toggle();
  pass(60_000);
  sound.alert('alarm');
  assert.deepEqual([tones.length, states, kept.get('shapan.wall.muted')], [4, ['on', 'muted'], '1']);
  const again = heard({ stored: '1' });
  await again.sound.start();
  assert.deepEqual(again.states, ['muted']);
  const silent = heard({ stored: '0', wanted: false });
  await silent.sound.start();
  assert.deepEqual(silent.states, ['muted'], 'what its link says goes before what somebody pressed once');
});

test('where the browser keeps the page silent that is said, and no tone is tried', async () => {
  const { sound, states, tones } = heard({ allowed: false });
  await sound.start();
  sound.alert('alarm');
  assert.deepEqual([states, tones], [['blocked'], []]);
});
