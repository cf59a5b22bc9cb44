import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../src/api.js';
import { current, differences, foundAt, wire } from '../src/survey/forms.js';
import { Unrecorded } from '../src/survey/unrecorded.js';

const OWN = { id: 'a', order: 1, room: 7, building: 1, unit: '1', floor: 1, number: '101', values: { tenure: 'rented' }, base: 3, state: 'conflict', reason: 'changed', version: 5, theirs: { tenure: 'owner' } };
const left = (changes) => ({ edits: [{ id: 'a', room: null, unit: '1', floor: 1, number: '101', now: null, ...changes }], next: null });

function opened(answer = async () => ({})) {
  const asked = [];
  const taken = [];
  const store = { state: {}, set(_, changes) { Object.assign(this.state, changes); } };
  const sync = { runs: 0, ask: (...request) => { asked.push(request); return answer(); }, async run() { this.runs += 1; } };
  return { asked, taken, store, sync, unrecorded: new Unrecorded({ store, sync, takeUp: (...one) => taken.push(one) }) };
}

test('a conflict of one’s own whose room went is one to enter anew or put aside, until another room of its number comes', () => {
  const [gone] = current([OWN], left());
  assert.deepEqual([gone.gone, gone.theirs, gone.version, gone.number], [true, null, null, '101']);
  assert.deepEqual(current([gone], left()), []);
  const [again] = current([gone], left({ room: 9, now: { version: 0, tenure: 'vacant', surveyed_at: null } }));
  assert.deepEqual([again.gone, again.room, again.version, again.theirs], [false, 9, 0, { tenure: 'vacant' }]);
  assert.equal(current([gone], { edits: [], next: null })[0].closed, true);
});

test('a room that somebody found is entered as a new one, whatever key it had', () => {
  const { unrecorded, taken } = opened();
  unrecorded.enter({ ...OWN, said: OWN.values });
  const [[edit, mine]] = taken;
  assert.deepEqual([edit.room, edit.now, edit.said, mine], [null, null, { tenure: 'rented' }, true]);
  const sent = wire({ ...edit, base: null, resolves: 'a' });
  assert.deepEqual([sent.room, sent.unit, sent.floor, sent.number, sent.base, sent.resolves], [null, '1', 1, '101', null, 'a']);
});

test('what is put aside is asked for once, and a network that is not there is said', async () => {
  const held = {};
  const { unrecorded, asked, store, sync } = opened(() => new Promise((resolve) => { held.answer = resolve; }));
  const first = unrecorded.putAside(OWN);
  await unrecorded.putAside(OWN);
  assert.deepEqual(asked, [['/api/survey/edits/a/aside', { method: 'POST' }]]);
  held.answer({});
  await first;
  assert.deepEqual([store.state.notice.kind, sync.runs], ['good', 1]);
  for (const [status, words] of [[0, /没有网络/], [409, /他人处理/], [500, /稍后再试/]]) {
    const other = opened(async () => { throw new ApiError({ status, title: 'no' }); });
    await other.unrecorded.putAside(OWN);
    assert.match(other.store.state.notice.text, words);
    assert.equal(other.sync.runs, 1);
  }
});

test('where only the storey of a found room differs, that is what is compared; of a room on record it is no answer of the keeper’s', () => {
  const fields = ['tenure', 'floor', 'number'].map((name) => ({ name }));
  const found = { ...OWN, found: true, floor: 3, values: { tenure: 'owner' }, theirs: { tenure: 'owner', floor: 4 } };
  assert.deepEqual(differences(found, fields), [{ name: 'floor', mine: 3, theirs: 4 }]);
  assert.deepEqual([differences({ ...found, floor: '4' }, fields), differences({ ...found, found: false }, fields)], [[], []]);
  assert.deepEqual([foundAt({ place: { room: null, floor: 3 } }), foundAt({ place: { room: 7, floor: 3 } }), foundAt({})], [{ found: true, floor: 3 }, { found: false }, { found: false }]);
});
