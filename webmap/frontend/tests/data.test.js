import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { DataPage, INITIAL, LOOK_EVERY, parseQuery } from '../src/data/page.js';
import { changed, elapsed, isActive, KIND_ICONS, kindOf, merge, rate, share } from '../src/data/runs.js';
import { failureOf, formOf, guessConcept, obstacle, send, size } from '../src/data/upload.js';
import en from '../src/i18n/en.js';
import { setLanguage } from '../src/i18n/index.js';
import { Store } from '../src/store.js';

const RUN = { id: 1, state: 'done', rejected: 0, dry_run: false, cancelling: false, rows_read: 0, rows_expected: null };
const run = (values) => ({ ...RUN, ...values });
const CATALOGUE = {
  concepts: [{ name: 'buildings', title: '楼栋' }, { name: 'units', title: '单元' }, { name: 'areas', title: '区域' }],
  endings: ['.gpkg'], largest_mb: 2,
};

beforeEach(() => setLanguage('en'));

test('rejects, a dry run and a wish to cancel make a state of their own, each with a picture and a word', () => {
  const kinds = [
    run({ state: 'queued' }), run({ state: 'running' }), run({ state: 'running', cancelling: true }), run({}),
    run({ rejected: 2 }), run({ dry_run: true }), run({ dry_run: true, rejected: 2 }), run({ state: 'failed' }),
    run({ state: 'cancelled' }),
  ].map(kindOf);
  assert.deepEqual(kinds, ['queued', 'running', 'cancelling', 'done', 'partial', 'trial', 'trial-partial', 'failed',
    'cancelled']);
  for (const kind of kinds) assert.ok(KIND_ICONS[kind] && en[`run.${kind}`], kind);
  assert.deepEqual(['queued', 'running', 'done', 'failed', 'cancelled'].map((state) => isActive({ state })),
    [true, true, false, false, false]);
});

test('share and rate say nothing where nothing is known', () => {
  const now = Date.parse('2026-05-09T12:00:10Z');
  const going = run({ state: 'running', started_at: '2026-05-09T12:00:00Z', rows_read: 5000, rows_expected: 10_000 });
  assert.equal(share(going), 0.5);
  assert.equal(share({ ...going, rows_expected: null }), null);
  assert.equal(share({ ...going, rows_read: 12_000 }), 1);
  assert.equal(rate(going, now), 500);
  assert.equal(rate(going, now - 9_800), null);
  assert.equal(elapsed(run({ started_at: null }), now), null);
  assert.equal(elapsed({ ...going, finished_at: '2026-05-09T12:00:04Z' }, now), 4000);
});

test('fresh runs stand over known ones, the newest first, and a new state asks for new details', () => {
  const list = merge([run({ id: 3 }), run({ id: 1, state: 'running' })], [run({ id: 4 }), run({ id: 1 })]);
  assert.deepEqual(list.map(({ id, state }) => [id, state]), [[4, 'done'], [3, 'done'], [1, 'done']]);
  assert.ok(changed(run({ state: 'running' }), run({})));
  assert.ok(!changed(run({ rows_read: 1 }), run({ rows_read: 2 })));
});

test('a name of a file tells what it holds, in both languages', () => {
  const guess = (name) => guessConcept(name, CATALOGUE.concepts);
  assert.equal(guess('望江街道楼栋_2026.gpkg'), 'buildings');
  assert.equal(guess('City_Building.shp'), 'buildings');
  assert.equal(guess('blocks.gpkg'), '');
});

test('what keeps a form from being sent is said before anything leaves', () => {
  const files = [{ size: 1000 }];
  const said = (values) => obstacle({ files, concept: 'units', catalogue: CATALOGUE, ...values });
  assert.equal(said({}), '');
  assert.match(said({ files: [] }), /Choose a file/);
  assert.match(said({ concept: '' }), /what to import it as/);
  assert.match(said({ files: [{ size: 3 * 2 ** 20 }] }), /3 MB, more than 2 MB/);
  assert.match(said({ catalogue: { ...CATALOGUE, concepts: [] } }), /shapan serve/);
  assert.deepEqual([size(12), size(2048), size(3.46 * 2 ** 20)], ['12 bytes', '2 KB', '3.5 MB']);
});

test('the form holds what was filled in, texts before files', () => {
  const parts = [];
  class Form { append(...part) { parts.push(part.slice(0, 2)); } }
  const file = { name: 'a.gpkg' };
  formOf({ concept: 'units', crs: '', max_rejects: '5%', dry_run: 'on', swap_axes: 'on' }, [file], Form);
  assert.deepEqual(parts, [['concept', 'units'], ['max_rejects', '5%'], ['dry_run', 'true'], ['swap_axes', 'true'],
    ['file', file]]);
});

test('a refusal keeps its faults, and what is no document of ours becomes a plain sentence', () => {
  const faults = [{ place: 'file', message: 'is needed' }];
  const refused = failureOf(422, JSON.stringify({ title: 'Invalid input', detail: 'd', faults, request_id: 'r' }));
  assert.deepEqual([refused.status, refused.message, refused.faults, refused.requestId], [422, 'd', faults, 'r']);
  assert.match(failureOf(502, '<h1>Bad Gateway</h1>').title, /502/);
  assert.match(failureOf(0, '').cure, /administrator|管理员/);
});

class FakeRequest extends EventTarget {
  upload = new EventTarget();

  headers = {};

  open(...words) { this.opened = words; }

  setRequestHeader(name, value) { this.headers[name] = value; }

  send(body) { this.body = body; }

  answer(status, responseText) {
    Object.assign(this, { status, responseText });
    this.dispatchEvent(new Event('load'));
  }
}

test('files go with the header that only a page of ours can set, and their progress is told', () => {
  const heard = [];
  const hear = (name) => (value) => heard.push([name, value?.id ?? value?.status ?? value]);
  const request = send('/api/imports', 'form', {
    onProgress: hear('progress'), onDone: hear('done'), onFailure: hear('failure'), onAbort: hear('abort'), Request: FakeRequest,
  });
  assert.deepEqual([request.opened, request.headers['X-Shapan'], request.body], [['POST', '/api/imports'], '1', 'form']);
  request.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded: 1, total: 4 }));
  request.answer(201, '{"id": 7}');
  request.answer(422, '{}');
  request.dispatchEvent(new Event('abort'));
  assert.deepEqual(heard, [['progress', 0.25], ['done', 7], ['failure', 422], ['abort', undefined]]);
});

test('a link carries the language and the run, and nonsense in it is left out', () => {
  assert.deepEqual(parseQuery('?lang=en&run=12'), { lang: 'en', run: 12 });
  assert.deepEqual(parseQuery('?lang=toString&run=-1'), {});
});

function pageWith(answers) {
  const store = new Store({ nextFrame: () => {}, initial: structuredClone(INITIAL) });
  const asked = [];
  const ask = async (url) => {
    asked.push(url);
    const answer = answers(url);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const page = Object.assign(new EventTarget(), { hidden: false, documentElement: {}, location: { pathname: '/data' } });
  const urls = { imports: '/runs', import: '/runs/{id}', concepts: '/concepts', resume: '/runs/{id}/resume' };
  return { store, asked, page, data: new DataPage({ config: { urls }, store, page, history: { replaceState() {} }, ask }) };
}

test('a stopped run is queued again, and a refusal to do so is told and leaves the rest as it is', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let refused = false;
  const { store, asked, data } = pageWith((url) => {
    if (url === '/runs/7/resume' && refused) return Object.assign(new Error('Wait for its end.'), { title: 'no' });
    if (url === '/runs') return { runs: [run({ id: 7, state: 'queued' })], next: null, worker: true };
    return run({ id: 7, state: 'queued' });
  });
  await data.open(7);
  await data.resume(7);
  assert.ok(asked.includes('/runs/7/resume'));
  assert.equal(store.state.detail.refusal, null);
  refused = true;
  await data.resume(7);
  assert.deepEqual(store.state.detail.refusal, { sentence: 'detail.resume.failed', detail: 'Wait for its end.' });
});

test('a run fills the form for the file that corrects it, once', () => {
  const { store, data } = pageWith(() => ({}));
  data.upload.correct(run({ id: 7, file: 'a.gpkg', request: { concept: 'units', source: 'a', mapping: '' } }));
  assert.deepEqual(store.state.prefill, {
    id: 7, file: 'a.gpkg', values: { concept: 'units', source: 'a', mapping: '' } });
  assert.equal(store.state.detail.status, 'closed');
  data.upload.forgetPrefill();
  assert.equal(store.state.prefill, null);
});

test('the page asks every second while rejected rows are still being written', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const ended = run({ id: 7, state: 'failed', rejected: 3 });
  let state = 'writing';
  const { asked, store, data } = pageWith((url) => (url === '/runs' ? { runs: [ended], next: null, worker: true }
    : { ...ended, reject_file: { state } }));
  await data.open(7);
  await data.look();
  await Promise.resolve();
  state = 'ready';
  context.mock.timers.tick(LOOK_EVERY.active);
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  assert.equal(store.state.detail.run.reject_file.state, 'ready');
  const asks = asked.length;
  context.mock.timers.tick(LOOK_EVERY.active);
  assert.equal(asked.length, asks);
});

test('the page asks every second while a run goes on, seldom otherwise, and never while it is hidden', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let state = 'running';
  const { asked, page, data } = pageWith(() => ({ runs: [run({ state })], next: null, worker: true }));
  await data.look();
  await Promise.resolve();
  context.mock.timers.tick(LOOK_EVERY.active);
  assert.equal(asked.length, 2);
  await data.look(); // the one under way
  state = 'done';
  await data.look();
  await Promise.resolve();
  context.mock.timers.tick(LOOK_EVERY.active);
  const before = asked.length;
  context.mock.timers.tick(LOOK_EVERY.idle);
  assert.equal(asked.length, before + 1);
  page.hidden = true;
  await data.look();
  context.mock.timers.tick(10 * LOOK_EVERY.idle);
  assert.equal(asked.length, before + 1);
});

test('a server that goes away leaves what was read, and says so', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let broken = false;
  const gone = Object.assign(new Error('x'), { title: 'gone' });
  const { store, data } = pageWith(() => (broken ? gone : { runs: [run({})], next: null, worker: true }));
  await data.look();
  broken = true;
  await data.look();
  const { runs, worker } = store.state;
  assert.deepEqual([runs.status, runs.list.length, runs.error, worker], ['ready', 1, gone, null]);
});

test('a run that goes on below a page of younger ones is still followed', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let list = [run({ id: 1, state: 'queued' })];
  const { store, asked, data } = pageWith((url) => (
    url.startsWith('/runs/1') ? run({ id: 1 }) : { runs: list, next: null, worker: true }));
  await data.look();
  list = [run({ id: 60 })];
  await data.look();
  assert.deepEqual(asked, ['/runs', '/runs', '/runs/1?limit=0']);
  assert.deepEqual(store.state.runs.list.map(({ id, state }) => [id, state]), [[60, 'done'], [1, 'done']]);
});
