import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebMercatorViewport } from '@deck.gl/core';
import { fitPlaces } from '../src/map/camera.js';
import { countStates } from '../src/buildings/room-states.js';
import { apart, countRooms, isInside, litBy, litStorey, riserRooms, roomOf, sideBearing, stepFloor } from '../src/exploded/exploded-terms.js';
import { stateHeight, storeyPolygon } from '../src/map/scene-functions.js';

const CONTENTS = {
  units: [{ id: 7, number: '1' }, { id: 8, number: '2' }],
  rooms: [
    { id: 71, unit: 7, floor: 12, number: '1203', state: 'occupied' }, { id: 81, unit: 8, floor: 12, number: '1203', state: 'vacant' },
    { id: 82, unit: 8, floor: 11, number: '1103', state: 'vacant' },
  ],
};

const alarm = (values) => ({
  id: 1, building_id: 5, state: 'active_unack', severity: 'minor', occurred_at: '2026-11-01T00:00:00Z', unit: null, floor: null,
  room: null, ...values,
});

test('an alarm lights the room of its unit, and the worst of several says in which colour', () => {
  const [minor, worse, elsewhere] = [
    alarm({ unit: '2', floor: 12, room: '1203' }), alarm({ id: 2, unit: '2', floor: 12, room: '1203', severity: 'critical' }),
    alarm({ id: 3, unit: '2', floor: 12, room: '1299' }),
  ];
  const { rooms, storeys } = litBy([minor, worse, elsewhere], CONTENTS);
  assert.deepEqual([...rooms].map(([id, { id: which }]) => [id, which]), [[81, 2]]);
  // A room that is not on record still has a storey.
  assert.equal(litStorey(storeys, 12, 8), elsewhere);
  assert.equal(litStorey(storeys, 12, 7), undefined);
  assert.equal(roomOf(alarm({ room: '1203' }), CONTENTS), undefined);
});

test('an alarm that knows its storey alone lights all of it', () => {
  const { rooms, storeys } = litBy([alarm({ floor: -1 })], CONTENTS);
  assert.equal(rooms.size, 0);
  assert.ok(litStorey(storeys, -1, 7) && litStorey(storeys, -1, null));
  assert.equal(litStorey(storeys, 1, 7), undefined);
  assert.ok(isInside(alarm({ floor: 0 })) && isInside(alarm({ room: '1' })));
  assert.ok(!isInside(alarm({})) && !isInside(alarm({ floor: 3, building_id: null })));
});

test('rooms are counted by state, also where there are none', () => {
  assert.deepEqual(countStates(CONTENTS.rooms), { alarm: 0, occupied: 1, rented: 0, vacant: 2, unsurveyed: 0, care: 0, business: 0 });
  assert.equal(countStates([]).care, 0);
});

test('a room that an alarm lights counts by its alarm alone, and alarms in no room are counted apart', () => {
  const alarms = [alarm({ id: 1, unit: '1', room: CONTENTS.rooms[0].number, severity: 'minor' }), alarm({ id: 2, floor: -1 })];
  const lit = roomOf(alarms[0], CONTENTS);
  const { states, lit: counts, elsewhere } = countRooms(CONTENTS.rooms, alarms, CONTENTS);
  assert.ok(lit);
  assert.equal(counts.minor, 1);
  assert.equal(elsewhere, 1);
  const sum = (numbers) => Object.values(numbers).reduce((total, value) => total + value, 0);
  assert.equal(sum(states) + sum(counts), CONTENTS.rooms.length);
  assert.equal(states[lit.state], countStates(CONTENTS.rooms)[lit.state] - 1);
});

test('the rooms of a riser are those of the dossier that is open', () => {
  const parts = { neighbours: { above: [{ id: 3 }], below: [{ id: 1 }], same_floor: [{ id: 9 }] } };
  assert.deepEqual([...riserRooms({ status: 'open', parts })], [3, 1]);
  assert.equal(riserRooms({ status: 'loading', parts: null }).size, 0);
});

test('storeys are stepped through without one between 1 and -1, and end at roof and ground', () => {
  const floors = [-2, -1, 1, 2, 3];
  assert.equal(stepFloor(floors, -1, 1), 1);
  assert.equal(stepFloor(floors, 3, 1), 3);
  assert.equal(stepFloor(floors, -2, -1), -2);
  assert.equal(stepFloor(floors, undefined, 1), 1);
  assert.equal(stepFloor([-1], null, 0), -1);
});

test('the long side is seen from where the camera turns least', () => {
  for (let axis = 0; axis < 180; axis += 15) {
    for (let bearing = -180; bearing < 540; bearing += 35) {
      const seen = sideBearing(axis, bearing);
      const across = Math.abs((((seen - axis) % 180) + 180) % 180 - 90);
      assert.ok(Math.abs(across - 24) < 1e-9, `${axis} ${bearing} ${seen}`);
      assert.ok(Math.abs(seen - bearing) <= 90);
    }
  }
});

test('names stand apart, and those that are meant are there', () => {
  const labels = Array.from({ length: 100 }, (_, index) => ({ y: index * 5, first: index === 51 }));
  const written = apart(labels, 20);
  assert.ok(written.has(51));
  const ys = [...written].map((index) => labels[index].y).sort((a, b) => a - b);
  assert.ok(ys.length > 20 && ys.every((y, index) => index === 0 || y - ys[index - 1] >= 20));
});

test('storeys lie on one another, and come apart from the lowest up with all of them above ground', () => {
  const polygon = storeyPolygon({ plans: [[[[117, 31], [117.1, 31], [117, 31]]]], storey: 3, gap: 4, below: 2, above: 0.3 });
  const z = (level, progress) => polygon.at(progress)({ plan: 0, level })[0][0][2];
  assert.deepEqual([0, 1, 2, 3].map((level) => z(level, 0)), [0.3, 0.3, 0.3, 3.3]);
  assert.deepEqual([0, 1, 2, 3].map((level) => z(level, 1)), [0.3, 7.3, 14.3, 21.3]);
  assert.deepEqual(polygon({ plan: 0, level: 1 })[0], [[117, 31, 7.3], [117.1, 31, 7.3], [117, 31, 7.3]]);
  const height = stateHeight({ heights: { occupied: 1.6, empty: 0.1 } });
  assert.deepEqual([height({ state: 'occupied' }), height({ state: 'of a later server' })], [1.6, 0.1]);
});

test('every corner of a tower is in the free part of the window, and fills it', () => {
  const windows = [
    [{ width: 1920, height: 1080 }, { left: 350, right: 790, top: 130, bottom: 60 }],
    [{ width: 1280, height: 800 }, { left: 357, right: 800, top: 115, bottom: 44 }],
    [{ width: 3840, height: 2160 }, { left: 700, right: 1580, top: 260, bottom: 120 }],
  ];
  const towers = [[4, 0], [110, 40], [420, -75]];
  for (const [high, bearing, size, padding] of windows.flatMap((window) => towers.map((tower) => [...tower, ...window]))) {
    const free = { width: size.width - padding.left - padding.right, height: size.height - padding.top - padding.bottom };
    const places = [[0, 0], [0, 0.0002], [0.0004, 0], [0.0004, 0.0002]].flatMap(([x, y]) => [
      [117 + x, 31 + y, 0], [117 + x, 31 + y, high]]);
    const camera = fitPlaces(places, { ...size, padding, pitch: 63, bearing });
    const viewport = new WebMercatorViewport({ ...size, ...camera, padding });
    const seen = places.map((place) => viewport.project(place));
    for (const [x, y] of seen) {
      assert.ok(x > padding.left - 2 && x < size.width - padding.right + 2, `${high} m: ${x}`);
      assert.ok(y > padding.top - 2 && y < size.height - padding.bottom + 2, `${high} m: ${y}`);
    }
    const [tall, wide] = [1, 0].map((axis) => Math.max(...seen.map((at) => at[axis])) - Math.min(...seen.map((at) => at[axis])));
    assert.ok(Math.max(tall / free.height, wide / free.width) > 0.9, `${high} m in ${size.width}`);
  }
});
