import assert from 'node:assert/strict';
import { test } from 'node:test';
import { briefOf, snapshotOf } from '../src/wall/briefs.js';
import { AFTER_FLOOD, boundsOfBriefs, byPlace, MOST_WAITING, SEEN_TO, Takeovers } from '../src/wall/takeover.js';

const T0 = Date.parse('2026-05-01T00:00:00Z');
const S = 1000;

/** A wall with the alarms and warnings that it knows. */
function wall(how = {}) {
  const [briefs, warnings] = [new Map(), new Map()];
  const takeovers = new Takeovers({ brief: (id) => briefs.get(id), warning: (id) => warnings.get(id), ...how });
  const alarm = (id, parts = {}) => briefOf({
    id, severity: 'critical', type: 'smoke', state: 'active_unack', building_id: id, lon: 114 + id / 1000, lat: 22,
    occurred_at: new Date(T0 + id * S).toISOString(), received_at: new Date(T0 + id * S).toISOString(), ...parts,
  });
  return {
    takeovers, briefs, warnings, alarm,
    hear: (id, parts) => { const brief = alarm(id, parts); briefs.set(id, brief); takeovers.hear(brief); return brief; },
    warn: (id, parts = {}) => {
      const warning = {
        id, real: true, severity: 'Severe', state: 'in_force', begins_at: new Date(T0).toISOString(), ends_at: new Date(T0 + 3600 * S).toISOString(), ...parts,
      };
      warnings.set(id, warning);
      takeovers.hearWarning(warning, T0);
    },
  };
}

test('a brief and an alarm say the same, and nothing of a room, a device or a text is kept', () => {
  const common = { id: 7, severity: 'critical', type: 'gas', state: 'active_unack', building_id: 3, building_name: '晴川1幢', grid_code: '999001001002001', lon: 1, lat: 2 };
  const fromAlarm = briefOf({ ...common, shelved_until: null, room: '1203', floor: 12, unit: '2', device_name: 'd', message: '<b>', address: 'x' });
  const fromBrief = briefOf({ ...common, acknowledged: false, shelved: false, area_code: '999001001002' });
  assert.deepEqual(fromAlarm, fromBrief);
  assert.ok(!JSON.stringify(fromAlarm).includes('1203'));
  assert.equal(briefOf({ ...common, shelved: true }).shelved_until, true);
  assert.deepEqual(snapshotOf({ briefs: [common] }).alarms, [fromBrief]);
  assert.deepEqual(snapshotOf({ kpi: [] }), { kpi: [], alarms: [] });
});

test('a new critical alarm takes the picture for its seconds, then the tour has it', () => {
  const { takeovers, hear } = wall();
  hear(1, { severity: 'major' });
  assert.equal(takeovers.current(0), null);
  hear(2);
  const { kind, count, briefs, until } = takeovers.current(0);
  assert.deepEqual([kind, count, briefs[0].id, until], ['alarms', 1, 2, 20 * S]);
  assert.equal(takeovers.current(19 * S).key, 'b2 smoke');
  assert.equal(takeovers.current(20 * S), null);
  hear(2); // told once more
  assert.equal(takeovers.current(21 * S), null);
});

test('what was open before the page is no news, what came just now or while it was cut off is', () => {
  const { takeovers, briefs, alarm } = wall();
  for (const id of [1, 500]) briefs.set(id, alarm(id));
  takeovers.begin(briefs.values(), [], T0 + 510 * S, { first: true });
  assert.equal(takeovers.current(0).briefs[0].id, 500);
  assert.equal(takeovers.waiting, 0);
  briefs.set(2, alarm(2));
  takeovers.begin(briefs.values(), [], T0 + 900 * S, { first: false });
  assert.equal(takeovers.waiting, 1);
});

test('alarms of one building and type are one picture with a count, which does not jump as it grows', () => {
  const { takeovers, hear } = wall();
  hear(1, { building_id: 9 });
  const since = takeovers.current(0).since;
  for (let id = 2; id <= 40; id += 1) hear(id, { building_id: 9 });
  const now = takeovers.current(5 * S);
  assert.deepEqual([now.since, now.count, now.briefs[0].id, now.waiting], [since, 40, 40, 0]);
});

test('where others wait each has less time, the worst first and of those the newest', () => {
  const { takeovers, hear, warn } = wall();
  hear(1);
  takeovers.current(0);
  hear(2);
  warn(5, { severity: 'Severe' });
  hear(3);
  assert.equal(takeovers.current(9 * S).briefs[0].id, 1);
  assert.equal(takeovers.current(10 * S).briefs[0].id, 3);
  assert.equal(takeovers.current(20 * S).briefs[0].id, 2);
  assert.deepEqual([takeovers.current(30 * S).kind, takeovers.current(30 * S).warning.id], ['warning', 5]);
  assert.equal(takeovers.current(50 * S), null);
});

test('500 critical alarms in a minute are two pictures, not 500, and then the tour has its turn', () => {
  const { takeovers, hear } = wall();
  const seen = [];
  let last = '';
  for (let second = 0; second <= 120; second += 0.5) {
    const from = Math.floor((second / 60) * 500);
    if (second < 60) for (let id = from + 1; id <= Math.floor(((second + 0.5) / 60) * 500); id += 1) hear(id, { building_id: id % 90 });
    const now = takeovers.current(second * S);
    const key = now === null ? 'tour' : `${now.key} ${now.since}`;
    if (key !== last) seen.push(now === null ? 'tour' : now.kind);
    last = key;
  }
  assert.deepEqual(seen, ['alarms', 'flood', 'tour']);
  assert.equal(takeovers.waiting, 0);
});

test('a flood that goes on leaves the tour its seconds', () => {
  const { takeovers, hear } = wall();
  let next = 1;
  const storm = () => { for (let at = 0; at <= MOST_WAITING + 1; at += 1) hear(next += 1); };
  storm();
  assert.equal(takeovers.current(0).kind, 'flood');
  assert.equal(takeovers.current(20 * S), null);
  storm();
  assert.equal(takeovers.current((20 + AFTER_FLOOD) * S - 1), null);
  assert.equal(takeovers.current((20 + AFTER_FLOOD) * S).kind, 'flood');
});

test('what is acknowledged while it waits is not shown; shown, it stays long enough to be read so', () => {
  const { takeovers, hear } = wall();
  hear(1);
  takeovers.current(0);
  hear(2);
  hear(2, { state: 'active_ack' });
  assert.equal(takeovers.current(1 * S).waiting, 0);
  hear(1, { state: 'active_ack' });
  assert.equal(takeovers.current(2 * S).over, true);
  assert.equal(takeovers.current((2 + SEEN_TO) * S - 1).over, true);
  assert.equal(takeovers.current((2 + SEEN_TO) * S), null);
});

test('one that becomes critical later takes the picture then, a shelved one does not', () => {
  const { takeovers, hear } = wall();
  hear(1, { severity: 'minor' });
  hear(2, { shelved: true });
  assert.equal(takeovers.current(0), null);
  hear(1);
  assert.equal(takeovers.current(0).briefs[0].id, 1);
});

test('an exercise and a moderate warning take no picture; one that is over when its turn comes has none', () => {
  const { takeovers, warn, warnings } = wall();
  warn(1, { real: false, severity: 'Extreme' });
  warn(2, { severity: 'Moderate' });
  assert.equal(takeovers.current(0), null);
  warn(3, { severity: 'Extreme' });
  warnings.delete(3);
  assert.equal(takeovers.current(0), null);
});

test('a flood is told by place, those with most first, and shown whole', () => {
  const { alarm } = wall();
  const briefs = [alarm(1, { building_id: 8 }), alarm(2), alarm(3, { building_id: 8 })];
  assert.deepEqual(byPlace(briefs).map(({ count }) => count), [2, 1]);
  assert.deepEqual(boundsOfBriefs(briefs), [114.001, 22, 114.003, 22]);
  assert.equal(boundsOfBriefs([alarm(1, { lon: null })]), null);
});
