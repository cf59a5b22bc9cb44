import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { formatUrlState, parseUrlState, UrlState } from '../src/url-state.js';

test('what is written into a link is read from it again', () => {
  const state = {
    lang: 'en', style: 'day', metric: 'height', form: 'columns', window: { preset: '30d' }, building: 812,
    alarm: 4711, warning: 93, exploded: true, room: 31, event: 17, events: 'heat', classes: ['01', '0603'], origins: ['12345', 'patrol'], finished: false,
    grid: '999001001001001', choropleth: 'entry_rate', entry: 'housing', keepers: true, compare: 'week', at: Date.parse('2026-11-22T13:40:00Z'),
    camera: { longitude: 117.281234, latitude: 31.864321, zoom: 15.25, pitch: 52, bearing: -18 },
  };
  assert.deepEqual(parseUrlState(formatUrlState(state)), state);
});

test('two fixed instants survive a link as well', () => {
  const window = { from: Date.parse('2026-05-01T00:00:00Z'), to: Date.parse('2026-05-02T00:00:00Z') };
  assert.deepEqual(parseUrlState(formatUrlState({ events: 'auto', window })).window, window);
});

test('the page as it opens has an empty query', () => {
  assert.equal(formatUrlState({ lang: undefined, metric: 'residents', window: undefined, events: undefined, classes: [], finished: null, building: null }), '');
});

test('a link that makes no sense changes nothing', () => {
  const links = [
    '?lang=xx&style=wall&metric=constructor&form=toString&window=9999d&building=-1&camera=1,2,3',
    '?lang=toString&window=2026-05-02~2026-05-01&building=1;drop&camera=a,b,c,d,e',
    '?camera=500,10,3,0,0&window=~', '?building=<script>', '?events=on&classes=1,01&origins=moon&finished=2&compare=never&at=then&event=x', '?alarm=0', '?alarm=-3', '?alarm=1e3', '?alarm=9999999999999999',
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

test('a link carries what is shown of devices and facilities, and which one is open', () => {
  const state = parseUrlState('?device=CAM%2000001&devices=all&facilities=0113,0501&silent=1');
  assert.deepEqual(state, { device: 'CAM 00001', devices: 'all', facilities: new Set(['0113', '0501']), silent: true });
  assert.deepEqual(parseUrlState(formatUrlState(state)), state);
  assert.equal(formatUrlState({ devices: new Set(), facilities: new Set(), silent: false }), '');
  assert.deepEqual(parseUrlState(`?device=%00&facility=${'x'.repeat(101)}&devices=,%07,a`), { devices: new Set(['a']) });
});
