import assert from 'node:assert/strict';
import { test } from 'node:test';
import { language, setLanguage } from '../src/i18n/index.js';
import { MemoryBox } from '../src/survey/box.js';
import { faultSentence } from '../src/survey/survey-words.js';
import { Sync } from '../src/survey/sync.js';
import { BUILDINGS, exchange, failing, FORM, item, opened, settle } from './survey-device.js';

test('a photograph lands on the form that asked for it, or on none, and that is said', async () => {
  const box = new MemoryBox();
  const { page, store, drawn, open } = await opened(box);
  open('room:7');
  page.photographs.add('picture of 101');
  page.popped(null);
  open('room:8');
  drawn[0].resolve('of 101');
  await settle();
  assert.deepEqual([store.state.draft.room.number, store.state.draft.photos], ['102', []]);
  assert.match(store.state.notice.text, /101/);
  // While one is drawn the form waits for it.
  page.form.enter('tenure', 'rented');
  page.photographs.add('picture of 102');
  await page.form.save();
  assert.deepEqual(await box.all('edits'), []);
  drawn[1].resolve('of 102');
  await settle();
  await page.form.save();
  assert.deepEqual((await box.all('photos')).map(({ blob }) => blob), ['of 102']);
  // One that cannot be read holds the next form no longer either.
  page.popped(null);
  open('room:7');
  page.photographs.add('broken');
  drawn[2].reject(Object.assign(new Error('unreadable'), { reason: 'unreadable' }));
  await settle();
  assert.deepEqual([store.state.draft.drawing, store.state.notice.kind], [0, 'bad']);
  // Back on the list nothing breaks.
  page.photographs.add('late');
  page.popped(null);
  drawn[3].resolve('late');
  await settle();
  assert.match(store.state.notice.text, /101/);
});

test('save pressed twice keeps one form and goes back once; so does an answer to a conflict', async () => {
  const box = new MemoryBox();
  const { page, history, open, store } = await opened(box);
  open('room:7');
  page.form.enter('tenure', 'rented');
  await Promise.all([page.form.save(), page.form.save()]);
  await page.form.save();
  assert.deepEqual([(await box.all('edits')).length, history.backs], [1, 1]);
  const conflict = { ...(await box.all('edits'))[0], state: 'conflict', reason: 'changed', version: 4, theirs: { tenure: 'owner' } };
  page.popped(null);
  await page.heard({ items: [conflict] });
  await Promise.all([page.answers.sendMine(conflict), page.answers.sendMine(conflict), page.answers.takeTheirs(conflict)]);
  assert.deepEqual((await box.all('edits')).map(({ resolves }) => resolves), [null, conflict.id]);
  // What could not be kept can be saved again.
  open('room:8');
  const { put } = box;
  box.put = async () => { throw new DOMException('full', 'QuotaExceededError'); };
  await page.form.save();
  assert.equal(store.state.draft.saving, false);
  box.put = put;
  await page.form.save();
  assert.equal((await box.all('edits')).length, 3);
});

test('on one tablet a keeper sees, follows and answers nothing of another', async () => {
  const box = new MemoryBox();
  const first = await opened(box);
  first.open('room:7');
  first.page.form.enter('tenure', 'rented');
  await first.page.form.save();
  await box.put('edits', { ...(await box.all('edits'))[0], id: 'c', room: 8, number: '102', state: 'conflict', theirs: {}, version: 9 });
  await box.put('photos', { id: 'p', edit: 'i2', keeper: 'K1', blob: 'x' });
  const { page, store, open } = await opened(box, 'K2');
  assert.deepEqual([store.state.items.length, store.state.photos, page.waiting(), store.state.foreign.map(({ keeper }) => keeper)], [0, 0, 0, ['K1']]);
  open('room:7');
  assert.deepEqual([store.state.draft.values.tenure, store.state.draft.room.stands.state], [null, null]);
  page.form.enter('tenure', 'owner');
  await page.form.save();
  const kept = (await box.all('edits')).find(({ keeper }) => keeper === 'K2');
  assert.deepEqual([kept.base, kept.follows, kept.resolves], [3, null, null]);
  // The exchange of K2 settles K2's forms and leaves K1's as they are.
  const sent = [];
  const ask = async (path, options) => {
    if (path.startsWith('/api/survey/worklist')) return { keeper: 'K2', server_time: new Date(1_000_000).toISOString(), form: FORM, buildings: BUILDINGS, next: null, cut: false };
    if (!options) return { edits: [], next: null };
    sent.push(...options.body.edits);
    return { edits: options.body.edits.map(({ id }) => ({ id, outcome: 'applied', reason: null, room: 7, version: 4, theirs: null, faults: [] })), unread: [] };
  };
  const others = (await box.all('edits')).filter(({ keeper }) => keeper === 'K1');
  const sync = new Sync({ box, ask, putPhoto: async () => assert.fail('a photograph of K1'), alone: (_, work) => work(),
    clock: { now: () => 1_000_000, later() {}, forget() {} }, tell: () => {} });
  await sync.run();
  assert.deepEqual(sent.map(({ id, unit, number }) => [id, unit, number]), [[kept.id, undefined, undefined]]);
  assert.deepEqual((await box.all('edits')).filter(({ keeper }) => keeper === 'K1'), others);
  await page.empty();
  assert.equal((await box.all('edits')).length, 3, 'nothing is emptied while another keeper waits');
});

test('a link that is over takes the list from the device and leaves what was not sent; a form in hand can still be kept', async () => {
  const box = new MemoryBox();
  await box.put('edits', item('w'), item('s', { state: 'applied' }), item('c', { state: 'conflict', theirs: {} }), item('u', { state: 'refused', reason: 'unread' }));
  const { page, store, open } = await opened(box);
  open('room:8');
  page.form.enter('tenure', 'rented');
  const { sync, told } = exchange(box, () => failing(401));
  await sync.run();
  for (const what of told) await page.heard(what);
  assert.deepEqual((await box.all('day')).map(({ id }) => id), ['keeper']);
  assert.deepEqual((await box.all('edits')).map(({ id }) => id), ['w', 'u']);
  assert.deepEqual([store.state.link, store.state.busy], ['closed', false]);
  await page.form.save();
  page.popped({ view: { name: 'building', building: 1, key: null } });
  assert.deepEqual([store.state.day, page.waiting()], [null, 2]);
  await page.readBox();
  assert.equal(store.state.day, null);
});

test('a full or broken store on the device stops neither sending nor the button', async () => {
  for (const name of ['QuotaExceededError', 'InvalidStateError']) {
    const box = new MemoryBox();
    for (let n = 0; n < 45; n += 1) await box.put('edits', item(`e${n}`, { order: n, room: n }));
    const { put } = box;
    const refuse = async () => { throw new DOMException('no', name); };
    Object.assign(box, { put: refuse });
    const { sync, told, timers } = exchange(box, () => null);
    await sync.run();
    assert.deepEqual([told.at(-1).busy, told.at(-1).link, timers.length], [false, 'trouble', 1]);
    assert.equal(told.at(-1).error.name, name);
    assert.deepEqual([...new Set(told.findLast(({ items }) => items).items.map(({ state }) => state))], ['applied'], 'all forty-five were sent');
    box.put = put;
    await sync.run();
    assert.equal(told.at(-1).link, 'ok');
    assert.ok((await box.all('edits')).every(({ state }) => state === 'applied'));
    // Not even readable: it is said, and tried again.
    box.all = refuse;
    await sync.run();
    assert.deepEqual([told.at(-1).busy, told.at(-1).link], [false, 'trouble']);
    const { page, store } = await opened(new MemoryBox());
    page.box.all = refuse;
    await page.start();
    await page.heard({ busy: false, link: 'trouble', error: new DOMException('no', name) });
    assert.equal(store.state.busy, false);
  }
});

test('a photograph that the server refuses is shown, with why, and stays until that was seen', async () => {
  const box = new MemoryBox();
  await box.put('edits', item('a', { state: 'applied', building_name: '1栋' }));
  await box.put('photos', { id: 'p', edit: 'a', keeper: 'K1', blob: 'x' });
  let tries = 0;
  const { sync, told } = exchange(box, () => null, async () => { tries += 1; failing(413); });
  await sync.run();
  await sync.run();
  assert.equal(tries, 1);
  const { page, store } = await opened(box);
  for (const what of told) await page.heard(what);
  assert.deepEqual(store.state.refused.map(({ id, status, building_name: name, number }) => [id, status, name, number]), [['p', 413, '1栋', '101']]);
  assert.deepEqual([store.state.photos, store.state.refused[0].url], [0, 'blob:x']);
  assert.equal(await page.empty(), false);
  await page.photographs.dismiss('p');
  assert.deepEqual([store.state.refused, await box.all('photos')], [[], []]);
});

test('faults are said with the name of the field, in the language of the page', () => {
  const was = language();
  for (const [name, expected] of [['zh-CN', '权属：不是可选的内容'], ['en', 'Tenure: is none of the choices']]) {
    setLanguage(name);
    assert.equal(faultSentence(FORM, { field: 'tenure', reason: 'not-allowed', words: 'is none of …' }), expected);
    for (const field of ['unit', null]) assert.doesNotMatch(faultSentence(FORM, { field, reason: 'Field may not be null.' }), /null|survey\./);
  }
  setLanguage(was);
});

test('leaving ends the session before the device is emptied; where nobody ends it, everything stays, and that is said', async () => {
  const box = new MemoryBox();
  const steps = [];
  let status = 0;
  const endSession = async () => { steps.push('ended'); if (status !== 200) failing(status); };
  const { page, store } = await opened(box, 'K1', { endSession });
  await box.put('edits', item('done', { state: 'applied' }));
  const { clear } = box;
  box.clear = async () => { steps.push('emptied'); return clear.call(box); };
  for (const [answer, words] of [[0, /没有网络/], [503, /稍后/]]) {
    status = answer;
    assert.equal(await page.empty(), false);
    assert.match(store.state.notice.text, words);
  }
  assert.deepEqual([steps, (await box.all('edits')).length, (await box.all('day')).length], [['ended', 'ended'], 1, 2]);
  // The device's own store fails after the session has ended: that is said, and can be pressed again.
  status = 200;
  const working = box.clear;
  box.clear = async () => { throw new DOMException('no', 'InvalidStateError'); };
  assert.equal(await page.empty(), false);
  assert.match(store.state.notice.text, /已退出，但本机没有清空/);
  box.clear = working;
  assert.equal(await page.empty(), true);
  assert.deepEqual([steps.slice(-2), await box.all('edits'), await box.all('day')], [['ended', 'emptied'], [], []]);
});

test('a conflict of a colleague is answered again where the answer was refused, and once while the answer waits', async () => {
  const box = new MemoryBox();
  const { page, store } = await opened(box);
  const edit = { id: 'theirs', building: 1, building_name: '1栋', room: 7, unit: '1', floor: 1, number: '101', said: { tenure: 'rented' }, now: { version: 5, tenure: 'owner' } };
  const answers = async () => (await box.all('edits')).filter(({ resolves }) => resolves === 'theirs');
  await Promise.all([page.answers.takeUp(edit, true), page.answers.takeUp(edit, true)]);
  store.state.notice = null;
  await page.answers.takeUp(edit, false);
  assert.equal((await answers()).length, 1);
  assert.match(store.state.notice.text, /等待发送/);
  for (const put of ['refused', 'dismissed']) {
    const [last] = (await answers()).slice(-1);
    const over = { ...last, state: 'refused', reason: 'faulty', faults: [] };
    await box.put('edits', over);
    await page.heard({ items: await box.all('edits') });
    if (put === 'dismissed') await page.answers.dismiss(over);
    await page.answers.takeUp(edit, true);
  }
  assert.equal((await answers()).length, 3);
});
