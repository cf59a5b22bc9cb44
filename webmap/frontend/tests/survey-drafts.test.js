import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBox } from '../src/survey/box.js';
import { progress, roomsOf } from '../src/survey/forms.js';
import { positionOf } from '../src/survey/room-form.js';
import { dayOf, todayOf } from '../src/survey/today.js';
import { BUILDINGS, FORM, item, opened, settle } from './survey-device.js';

const FORM_VIEW = { view: { name: 'form', building: 1, key: 'room:7' } };

test('a half-filled form survives back, reload and the end of the tab, photographs and all, and says what it saw', async () => {
  const box = new MemoryBox();
  const first = await opened(box);
  first.open('room:7');
  first.page.form.enter('tenure', 'rented');
  first.page.photographs.add('door');
  first.drawn[0].resolve('of 101');
  await settle();
  first.page.popped(null);
  await settle();
  assert.match(first.store.state.notice.text, /101/);
  assert.ok(first.page.drafts.has(1, 'room:7'));
  // Left before its photograph is ready it has that as well.
  first.open('room:8');
  first.page.photographs.add('late');
  first.page.popped(null);
  first.drawn[1].resolve('of 102');
  await settle();
  assert.ok(first.page.drafts.has(1, 'room:8'));

  // Loaded anew where it was; somebody has changed the room meanwhile.
  const buildings = [{ ...BUILDINGS[0], rooms: BUILDINGS[0].rooms.map((room) => ({ ...room, version: 5 })) }];
  const { page, store } = await opened(box, 'K1', { state: FORM_VIEW, buildings });
  assert.deepEqual([store.state.view.key, store.state.draft.offered?.key, store.state.draft.values.tenure], ['room:7', 'room:7', null]);
  await page.form.save();
  assert.deepEqual(await box.all('edits'), [], 'nothing is saved before it is chosen');
  await page.form.resume();
  assert.deepEqual([store.state.draft.values.tenure, store.state.draft.photos.map(({ blob }) => blob), store.state.draft.offered], ['rented', ['of 101'], null]);
  await page.form.save();
  const [kept] = await box.all('edits');
  assert.deepEqual([kept.values.tenure, kept.base, kept.photos], ['rented', 3, 1]);
  assert.deepEqual((await box.all('photos')).map(({ edit, blob }) => [edit, blob]), [[kept.id, 'of 101']]);
  assert.deepEqual([page.drafts.has(1, 'room:7'), (await box.all('day')).filter(({ id }) => id.includes('room:7'))], [false, []]);

  // Discarded it is gone; looked at only it never was.
  page.popped(null);
  page.go('form', { building: 1, key: 'room:8' });
  await page.form.discard();
  page.popped(null);
  page.go('form', { building: 1, key: 'room:8' });
  page.popped(null);
  await settle();
  assert.deepEqual((await box.all('day')).map(({ id }) => id).sort(), ['keeper', 'list']);
});

test('drafts are their keeper’s, and are given up with the device only when that was said', async () => {
  const box = new MemoryBox();
  const { page, open } = await opened(box);
  page.go('form', { building: 1, key: null });
  page.form.enterPlace('number', '201');
  page.popped(null);
  await settle();
  assert.ok(page.drafts.has(1, null));
  assert.equal(await page.empty(), false);
  assert.equal(await page.empty(), true);
  open('room:7');
  page.form.enter('tenure', 'owner');
  await page.drafts.flush();
  const other = await opened(box, 'K2');
  other.open('room:7');
  assert.deepEqual([other.store.state.drafts, other.store.state.draft.offered], [[], null]);
});

test('drafts go a week after the list that first saw them, whatever the device’s clock was set to, and photographs never in silence', async () => {
  const DAY = 86_400_000;
  const box = new MemoryBox();
  const { page, store, open } = await opened(box);
  const list = (days) => page.heard({ day: { ...store.state.day, read_at: 1_000_000 + days * DAY, offset: 5 * DAY } });
  const kept = async () => (await box.all('day')).filter(({ id }) => id.startsWith('draft:')).length;
  await list(0);
  open('room:7');
  page.form.enter('tenure', 'owner');
  page.photographs.add('door');
  await settle();
  await page.drafts.flush();
  assert.equal((await page.drafts.read('draft:K1:1:room:7')).at, 1_000_000 + 5 * DAY, 'stamped by the server’s clock as known');
  await box.put('day', { id: 'draft-photo:draft:K1:1:room:7:p', draft: 'draft:K1:1:room:7', photo: 'p', blob: 'door' });
  page.popped(null);
  await settle();
  // The clock was at 1970, or a year ahead, when it was begun; then it is set, and the page is loaded anew.
  for (const at of [0, 1_000_000 + 400 * DAY]) {
    await box.put('day', { ...await page.drafts.read('draft:K1:1:room:7'), photos: undefined, at });
    await opened(box);
    assert.equal(await kept(), 1);
    // No list for weeks: what was begun meanwhile is as young as the first one that comes.
    await list(30);
    await list(36.9);
    assert.equal(await kept(), 1);
  }
  store.set('page', { notice: null });
  open('room:7');
  await list(38);
  assert.equal(await kept(), 1, 'in hand');
  page.popped(null);
  await list(38);
  assert.deepEqual([await kept(), (await box.all('day')).filter(({ id }) => id.startsWith('draft-photo')), store.state.drafts], [0, [], []]);
  assert.match(store.state.notice.text, /1 张照片/);
  await list(39);
  assert.deepEqual((await box.all('day')).find(({ id }) => id === 'draft-ages').first, {});
});

test('a device that keeps nothing more says so while the form is in hand', async () => {
  const box = new MemoryBox();
  const { page, store, open } = await opened(box);
  open('room:7');
  box.put = async () => { throw new DOMException('full', 'QuotaExceededError'); };
  page.form.enter('tenure', 'owner');
  await page.drafts.flush();
  assert.deepEqual([store.state.notice.kind, store.state.draft.values.tenure], ['bad', 'owner']);
});

test('a view of a room that is on the list no more is that of its building', async () => {
  const { store } = await opened(new MemoryBox(), 'K1', { state: { view: { name: 'form', building: 1, key: 'room:99' } } });
  assert.deepEqual([store.state.view.name, store.state.draft], ['building', null]);
  const gone = await opened(new MemoryBox(), 'K1', { state: { view: { name: 'form', building: 9, key: 'room:7' } } });
  assert.equal(gone.store.state.view.name, 'list');
});

test('a form that the server could not read is the keeper’s to correct or to drop, with its photographs, and keeps the device from being emptied', async () => {
  const box = new MemoryBox();
  const unread = item('u', { state: 'refused', reason: 'unread', faults: [] });
  await box.put('edits', unread);
  await box.put('photos', { id: 'p', edit: 'u', keeper: 'K1', blob: 'door' });
  const { page, store, open } = await opened(box);
  assert.equal(await page.empty(), false);
  open('room:7');
  await settle();
  assert.deepEqual([store.state.draft.values.tenure, store.state.draft.photos.map(({ id }) => id)], ['owner', ['p']]);
  await page.form.save();
  const [, corrected] = await box.all('edits');
  assert.deepEqual((await box.all('photos')).map(({ id, edit }) => [id, edit]), [['p', corrected.id]]);
  await box.put('photos', { id: 'q', edit: 'u', keeper: 'K1', blob: 'x' });
  await page.answers.dismiss(unread);
  assert.deepEqual((await box.all('photos')).map(({ id }) => id), ['p']);
  await box.remove('edits', corrected.id);
  await box.remove('photos', 'p');
  assert.equal(await page.empty(), true);
});

test('a position that no place has costs the position only', () => {
  assert.deepEqual(positionOf({ lon: 117, lat: 31, accuracy: 9 }), { state: 'found', lon: 117, lat: 31, accuracy: 9 });
  assert.deepEqual(positionOf({ lon: 117, lat: 31, accuracy: undefined }).accuracy, null);
  for (const wrong of [{ accuracy: 1e7 }, { accuracy: -1 }, { accuracy: NaN }, { lon: 181 }, { lat: Infinity }]) assert.equal(positionOf({ lon: 117, lat: 31, accuracy: 9, ...wrong }), null);
});

test('today is the server’s day: what was done or found on another counts no more, whatever the device’s clock says', () => {
  const zone = 'Asia/Shanghai';
  assert.deepEqual([dayOf(Date.parse('2026-11-23T15:59:59Z'), zone), dayOf(Date.parse('2026-11-23T16:00:00Z'), zone)], ['2026-11-23', '2026-11-24']);
  const now = Date.parse('2026-11-23T20:00:00Z'); // four in the morning of the 24th
  const at = (time) => ({ done_at: new Date(Date.parse(time)).toISOString() });
  const rooms = [{ ...BUILDINGS[0].rooms[0], values: { tenure: 'owner' }, missing: [], done: true }, BUILDINGS[0].rooms[1]];
  const building = { ...BUILDINGS[0], rooms };
  const items = [item('found', { room: 44, number: '201', state: 'applied', found: true, ...at('2026-11-23T10:00:00Z') }),
    item('again', { room: 8, number: '102', state: 'applied', version: 4, ...at('2026-11-23T10:00:00Z') })];
  const count = (today) => { const { done, total } = progress(building, FORM, items, today); return [done, total]; };
  assert.deepEqual(count(todayOf({ offset: 0, read_at: now - 10 * 3_600_000 }, now - 10 * 3_600_000, zone)), [3, 3]);
  // Past midnight without a network: neither the found one, nor those that the list has as done.
  assert.deepEqual(count(todayOf({ offset: 0, read_at: now - 10 * 3_600_000 }, now, zone)), [0, 1]);
  assert.deepEqual(roomsOf(building, FORM, items, todayOf({ offset: 0, read_at: now }, now, zone)).map(({ number, done }) => [number, done]), [['101', true], ['102', false]]);
  // A clock that is five hours slow: there it is still the 23rd.
  const slow = { offset: 5 * 3_600_000, read_at: now };
  assert.equal(todayOf(slow, now - slow.offset, zone).has({ done_at: new Date(now - slow.offset).toISOString() }), true);
  assert.equal(todayOf(slow, now - slow.offset, zone).has(at('2026-11-23T10:00:00Z')), false);
});

test('what was begun of a room that was found is offered once the room has its key, and saved with its photographs as that room’s', async () => {
  const box = new MemoryBox();
  const found = item('f', { room: null, number: '401', floor: 4, base: null });
  await box.put('edits', found);
  const first = await opened(box);
  first.open('new:1:1:401');
  first.page.form.enter('tenure', 'rented');
  first.page.photographs.add('door');
  first.drawn[0].resolve('of 401');
  await settle();
  first.page.popped(null);
  await settle();
  await box.put('edits', { ...found, state: 'applied', room: 77, version: 0, found: true });
  const { page, store, open } = await opened(box);
  assert.deepEqual([page.drafts.has(1, 'room:77', { unit: '1', number: '401' }), page.drafts.has(1, 'room:77', { unit: '2', number: '401' })], [true, false]);
  open('room:77');
  await page.form.resume();
  assert.deepEqual([store.state.draft.values.tenure, store.state.draft.photos.map(({ blob }) => blob)], ['rented', ['of 401']]);
  // Left once more it lies under the room alone.
  page.popped(null);
  await settle();
  assert.deepEqual(store.state.drafts.map(({ key }) => key), ['room:77']);
  open('room:77');
  await page.form.resume();
  await page.form.save();
  const kept = (await box.all('edits')).find(({ id }) => id !== 'f');
  assert.deepEqual([kept.room, kept.follows, kept.values.tenure, (await box.all('photos')).map(({ edit, blob }) => [edit, blob])], [77, 'f', 'rented', [[kept.id, 'of 401']]]);
  assert.deepEqual((await box.all('day')).filter(({ id }) => id.startsWith('draft:') || id.startsWith('draft-photo:')), []);
});
