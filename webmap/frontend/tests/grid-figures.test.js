import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmCounts, GridFigures, rate, valueText } from '../src/grids/grid-figures.js';

const COMMUNITY = '999001001001';
const [FIRST, SECOND, THIRD] = ['001', '002', '003'].map((end) => COMMUNITY + end);
const plain = (value) => String(value);

function answer(level, codes, { entered, declared }) {
  const column = (value) => codes.map(() => value);
  return {
    level, exact: true, code: codes, name: codes.map((code) => `网格 ${code.slice(-3)}`), name_en: column(null), lon: column(117), lat: column(31),
    bounds: column([117, 31, 117.1, 31.1]), buildings: column(1), households: column(2), residents: column(3), keeper: column(null),
    keepers: column(0), entered: { population: entered, housing: entered, legal_entities: entered, geography: entered },
    declared: { population: declared, housing: declared, legal_entities: declared, geography: declared },
  };
}

function known() {
  const figures = new GridFigures();
  figures.takePlaces(answer('grid', [FIRST, SECOND, THIRD], { entered: [90, 30, 5], declared: [100, 100, null] }));
  figures.takePlaces(answer('community', [COMMUNITY], { entered: [125], declared: [250] }));
  return figures;
}

test('a rate without a declared total is unknown, and never all of it', () => {
  assert.equal(rate(5, null), null);
  assert.equal(rate(5, 0), null);
  const figures = known();
  assert.equal(figures.value(THIRD, 'entry_rate', 'population'), null);
  assert.equal(valueText('entry_rate', null, plain), '—');
});

test('a share is cut and not rounded, so that nearly all is not all', () => {
  assert.equal(valueText('entry_rate', 0.999, plain), '99%');
  assert.equal(valueText('entry_rate', 0.29, plain), '29%');
  assert.equal(valueText('entry_rate', 1.041, plain), '104%');
});

test('the lowest rate and the highest count come first, what is unknown last', () => {
  const figures = known();
  assert.deepEqual(figures.ranked('entry_rate', 'population').map(({ code }) => code), [SECOND, FIRST, THIRD]);
  figures.takeSnapshot([{ code: FIRST, counts: { events_open: 2 } }, { code: THIRD, counts: { events_open: 7 } }]);
  assert.deepEqual(figures.ranked('events_open').map(({ code, value }) => [code, value]), [[THIRD, 7], [FIRST, 2], [SECOND, 0]]);
});

test('each place stands in one class of the legend, and unknown ones in none', () => {
  const legend = { classes: [{ from: 0 }, { from: 0.3 }, { from: 0.6 }, { from: 0.9 }, { from: 1 }] };
  assert.deepEqual(known().counted('grid', 'entry_rate', 'population', legend), { classes: [0, 1, 0, 1, 0], none: 1 });
  assert.deepEqual(known().counted('community', 'entry_rate', 'population', legend), { classes: [0, 1, 0, 0, 0], none: 0 });
});

test('before the stream has said anything, nothing is known to be open', () => {
  const figures = known();
  assert.equal(figures.value(FIRST, 'alarms'), null);
  assert.equal(figures.counts(FIRST), null);
  figures.takeSnapshot([]);
  assert.equal(figures.value(FIRST, 'alarms'), 0);
});

test('a change is the whole of a grid, and its community is the sum, with what lies in none of its grids', () => {
  const figures = known();
  figures.takeSnapshot([{ code: FIRST, counts: { alarms_major: 2, alarms_info: 1, tasks_overdue: 4 } },
    { code: `${COMMUNITY}000`, counts: { alarms_minor: 1 } }]);
  assert.equal(figures.value(FIRST, 'alarms'), 3);
  assert.equal(figures.value(COMMUNITY, 'alarms'), 4);
  const before = figures.version;
  figures.take({ code: FIRST, counts: { alarms_critical: 1 } });
  assert.notEqual(figures.version, before);
  assert.equal(figures.value(FIRST, 'alarms'), 1);
  assert.equal(figures.value(FIRST, 'tasks_overdue'), 0);
  assert.equal(figures.value(COMMUNITY, 'alarms'), 2);
  assert.deepEqual(alarmCounts(figures.counts(COMMUNITY)), [['critical', 1], ['minor', 1]]);
});

test('a place that is not held wholly has no figure, and one that is gone none any more', () => {
  const figures = known();
  figures.takeSnapshot([{ code: '999001001002001', counts: { alarms_major: 5 } }]);
  assert.equal(figures.value('999001001002001', 'alarms'), null);
  figures.takePlaces(answer('grid', [FIRST], { entered: [1], declared: [2] }));
  assert.equal(figures.place(SECOND), null);
  assert.equal(figures.place(COMMUNITY).rates.housing, 0.5);
});

test('rates that were read later take the place of older ones', () => {
  const figures = known();
  figures.takeRates(FIRST, [{ kind: 'population', rate: 0.95 }]);
  assert.equal(figures.value(FIRST, 'entry_rate', 'population'), 0.95);
});

test('rooms that a keeper has just surveyed change the rate of their grid and of its community, and no other', () => {
  const figures = known();
  figures.take({ code: SECOND, counts: {}, entered: { housing: 40 } });
  assert.deepEqual([SECOND, COMMUNITY, FIRST].map((code) => figures.value(code, 'entry_rate', 'housing')), [0.4, 135 / 250, 0.9]);
  assert.equal(figures.value(SECOND, 'entry_rate', 'population'), 0.3);
  figures.take({ code: SECOND, counts: {} });
  assert.equal(figures.value(SECOND, 'entry_rate', 'housing'), 0.4);
});
