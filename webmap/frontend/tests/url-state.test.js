import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { histogram, PRESETS, resolveWindow } from '../src/time-window.js';
import { formatUrlState, parseUrlState, UrlState } from '../src/url-state.js';

test('what is written into a link is read from it again', () => {
  const state = {
    lang: 'en', style: 'day', metric: 'height', window: { preset: '30d' }, building: 812,
    alarm: 4711, warning: 93, grid: '999001001001001', choropleth: 'entry_rate', entry: 'housing', keepers: true, heat: true,
    camera: { longitude: 117.281234, latitude: 31.864321, zoom: 15.25, pitch: 52, bearing: -18 },
  };
  assert.deepEqual(parseUrlState(formatUrlState(state)), state);
});

test('two fixed instants survive a link as well', () => {
  const window = { from: Date.parse('2026-05-01T00:00:00Z'), to: Date.parse('2026-05-02T00:00:00Z') };
  assert.deepEqual(parseUrlState(formatUrlState({ heat: true, window })).window, window);
});

test('the page as it opens has an empty query', () => {
  assert.equal(formatUrlState({ lang: undefined, metric: 'residents', window: undefined, heat: false, building: null }), '');
});

test('a link that makes no sense changes nothing', () => {
  const links = [
    '?lang=xx&style=wall&metric=constructor&window=9999d&building=-1&camera=1,2,3',
    '?lang=toString&window=2026-05-02~2026-05-01&building=1;drop&camera=a,b,c,d,e',
    '?camera=500,10,3,0,0&window=~', '?building=<script>', '?alarm=0', '?alarm=-3', '?alarm=1e3', '?alarm=9999999999999999',
    '?grid=99900100100100&choropleth=mood&entry=toString', '?grid=999001001001001%27', '?choropleth=constructor',
  ];
  for (const link of links) assert.deepEqual(parseUrlState(link), {}, link);
});

test('the address bar follows changes that never pause, and is not written without one', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const written = [];
  const location = { pathname: '/', search: '' };
  const history = { replaceState: (_, __, url) => { written.push(url); location.search = url.slice(1); } };
  const state = { alarm: null };
  const url = new UrlState({ history, location, collect: () => state });
  for (let time = 0; time < 3000; time += 100) {
    if (time === 1000) state.alarm = 7;
    url.schedule();
    mock.timers.tick(100);
  }
  mock.timers.reset();
  assert.deepEqual(written, ['/?alarm=7']);
});

test('a preset ends now, a fixed window where it was set', () => {
  assert.deepEqual(resolveWindow({ preset: '24h' }, 1e12), { from: 1e12 - PRESETS['24h'], to: 1e12 });
  assert.deepEqual(resolveWindow({ from: 1, to: 2 }, 1e12), { from: 1, to: 2 });
});

test('a histogram counts what is inside the window, its start included and its end not', () => {
  assert.deepEqual(histogram([0, 1, 1.5, 3.9, 4, -1], 0, 4000, 4), [1, 2, 0, 1]);
});
