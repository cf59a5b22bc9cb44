import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL, columnsOf, countsOf, decodeColumns, eventsOf, filtered, holds, rowAt, sumBy, withRecent } from '../src/events/event-columns.js';
import { cellDifferences, difference, differences, signed } from '../src/events/event-compare.js';
import { cellsOf, countCells } from '../src/events/hexagons.js';
import { share } from './chance.js';

const LISTS = { classes: ['0101', '0603'], origins: ['patrol', '12345'], states: ['open', 'done', 'closed'] };
const event = (id, at, more = {}) => ({
  id, lon: 117 + id / 1000, lat: 31, class_code: '0101', origin: 'patrol', state: 'open', occurred_at: new Date(at).toISOString(), ...more,
});

/** Bytes as webmap/columns.py writes them; tests/webmap/test_events.py holds the server to the same form. */
function written(head, columns) {
  const bodies = columns.map(([, , array]) => new Uint8Array(array.buffer));
  let offset = 0;
  const described = columns.map(([name, type, array], index) => {
    const one = { name, type, offset, length: array.length };
    offset += Math.ceil(bodies[index].length / 8) * 8;
    return one;
  });
  let text = JSON.stringify({ ...head, columns: described });
  while ((new TextEncoder().encode(text).length + 4) % 8) text += ' ';
  const coded = new TextEncoder().encode(text);
  const buffer = new ArrayBuffer(4 + coded.length + offset);
  new DataView(buffer).setUint32(0, coded.length, true);
  new Uint8Array(buffer).set(coded, 4);
  described.forEach(({ offset: from }, index) => new Uint8Array(buffer).set(bodies[index], 4 + coded.length + from));
  return buffer;
}

test('columns are read as they were written, with text that needs more bytes than signs', () => {
  const buffer = written({ ...LISTS, classes: ['0101', '占道'], complete: true }, [
    ['id', 'float64', Float64Array.of(2 ** 53 - 1, 7)], ['at', 'float64', Float64Array.of(1.5, 2)],
    ['lon', 'int32', Int32Array.of(117_000_001, -5)], ['lat', 'int32', Int32Array.of(31_500_000, 0)],
    ['class', 'int16', Int16Array.of(1, -1)], ['origin', 'int8', Int8Array.of(0, 1)], ['state', 'int8', Int8Array.of(2, 0)],
  ]);
  const events = eventsOf(decodeColumns(buffer));
  assert.deepEqual([...events.id], [2 ** 53 - 1, 7]);
  assert.deepEqual([...events.lon], [117.000001, -0.000005]);
  assert.deepEqual([...events.class], [1, -1]);
  assert.equal(events.classes[1], '占道');
  assert.equal(eventsOf(decodeColumns(written({ ...LISTS, complete: false }, []))), null);
});

test('events that arrive join the window in order of time, known ones change, those outside stay out', () => {
  const before = columnsOf([event(1, 1000), event(2, 3000)], LISTS);
  const recent = [event(3, 2000, { class_code: '0999', origin: 'moon' }), event(2, 3000, { state: 'done' }), event(4, 9000)];
  const now = withRecent(before, recent, { from: 0, to: 5000 });
  assert.deepEqual([...now.id], [1, 3, 2]);
  assert.deepEqual([...now.at], [1000, 2000, 3000]);
  assert.deepEqual([now.classes[now.class[1]], now.origin[1], now.states[now.state[2]]], ['0999', -1, 'done']);
  assert.deepEqual([...before.id], [1, 2]);
  assert.equal(withRecent(now, recent, { from: 0, to: 5000 }), now);
});

test('a filter leaves what its words say, and its numbers are those of what it leaves', () => {
  const random = share(23);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const events = columnsOf(Array.from({ length: 800 }, (_, id) => event(id + 1, id * 10, {
    class_code: pick(['0101', '0102', '0603', '9X']), origin: pick([...LISTS.origins, 'moon']), state: pick([...LISTS.states, 'lost']),
  })), LISTS);
  const filters = [ALL, { ...ALL, classes: ['01'] }, { classes: ['0603', '01'], origins: ['patrol'], finished: false },
    { ...ALL, finished: true }, { ...ALL, classes: ['77'] }];
  for (const filter of filters) {
    const left = filtered(events, filter);
    const wanted = [...events.id.keys()].filter((row) => holds(
      filter, events.classes[events.class[row]], events.origins[events.origin[row]], events.states[events.state[row]]));
    assert.deepEqual([...left.id], wanted.map((row) => events.id[row]));
    assert.equal(sumBy(countsOf(events), filter, () => ['all']).get('all') ?? 0, left.length);
  }
  assert.equal(filtered(events, ALL), events);
});

test('rows of a stretch of time are found by halves, its end not among them', () => {
  const events = columnsOf([event(1, 1000), event(2, 1000), event(3, 2000)], LISTS);
  assert.deepEqual([0, 1000, 1001, 2000, 2001].map((at) => rowAt(events, at)), [0, 0, 2, 2, 3]);
});

test('a difference is told in numbers and per cent, and not in per cent of nothing', () => {
  assert.deepEqual(difference(15, 10), { now: 15, then: 10, more: 5, percent: 50 });
  assert.equal(difference(3, 0).percent, null);
  assert.deepEqual([signed(12), signed(-5), signed(0)], ['+12', '−5', '0']);
});

test('differences of keys add up to the difference of all, the greatest first', () => {
  const random = share(31);
  for (let round = 0; round < 200; round += 1) {
    const counts = () => new Map(['a', 'b', 'c', 'd'].filter(() => random() > 0.3).map((key) => [key, Math.floor(random() * 50)]));
    const [now, then] = [counts(), counts()];
    const sum = (map) => [...map.values()].reduce((one, other) => one + other, 0);
    const found = differences(now, then);
    assert.equal(found.reduce((total, { more }) => total + more, 0), sum(now) - sum(then));
    assert.ok(found.every(({ more }, index) => index === 0 || Math.abs(found[index - 1].more) >= Math.abs(more)));
  }
});

test('differences of hexagons add up, and a hexagon in which nothing differs is left out', () => {
  const random = share(37);
  const all = { length: 900, lon: Float64Array.from({ length: 900 }, () => 117 + random() * 0.01), lat: Float64Array.from({ length: 900 }, () => 31 + random() * 0.01) };
  const cells = cellsOf(all, { width: 200, latitude: 31 });
  const { more, now, then, middles } = cellDifferences(cells, 400);
  assert.equal(more.reduce((one, other) => one + other, 0), 400 - 500);
  assert.ok([...more].every((value, cell) => value !== 0 && value === now[cell] - then[cell]));
  assert.equal(middles.length, 2 * more.length);
  const counted = countCells(cells.cellOf, cells.q.length, 0, 400).map((count, cell) => count - countCells(cells.cellOf, cells.q.length, 400)[cell]);
  assert.equal([...counted].filter((value) => value !== 0).length, more.length);
});
