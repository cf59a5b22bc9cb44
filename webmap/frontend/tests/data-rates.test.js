import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvText, fileName } from '../src/data/csv.js';
import { DataPage, INITIAL, parseQuery } from '../src/data/page.js';
import {
  above, classOf, codeOf, counted, DECLARATION_HEADS, declarationRows, KINDS, ordered, reading, shareText, undeclared,
} from '../src/data/rates/rates.js';
import { allowed, meant } from '../src/data/sections.js';
import { Store } from '../src/store.js';

const number = (value) => String(value);

function rate(changes) {
  return { kind: 'housing', numerator: 78, denominator: 100, rate: 0.78, rate_class: 0.6, declared_by: '街道', as_of: '2026-01-01', ...changes };
}
const unknown = { denominator: null, rate: null, rate_class: null, declared_by: null, as_of: null };

function place(code, changes, level = 'grid') {
  return { level, id: Number(code.slice(-3)), code, name: `第${code.slice(-3)}网格`, rates: KINDS.map((kind) => rate({ kind, ...(kind === 'housing' ? changes : unknown) })) };
}

test('a rate without a declared total is unknown, neither 0 nor all; above all the declaration is out of date', () => {
  assert.deepEqual(reading(rate()), { state: 'known', value: 0.78 });
  assert.deepEqual(reading(rate(unknown)), { state: 'unknown', value: null });
  assert.deepEqual(reading(rate({ rate: 1.12, numerator: 112 })), { state: 'over', value: 1.12 });
  assert.deepEqual(reading(rate({ rate: 1, numerator: 100 })), { state: 'known', value: 1 });
  assert.deepEqual(reading(rate({ rate: 0, numerator: 0, rate_class: 0 })), { state: 'known', value: 0 });
});

test('of a total of 0 with rows on record the declaration is out of date, and without any there is nothing to say', () => {
  assert.equal(reading(rate({ denominator: 0, rate: null, rate_class: null, numerator: 3 })).state, 'over');
  assert.equal(reading(rate({ denominator: 0, rate: null, rate_class: null, numerator: 0 })).state, 'nothing');
});

test('who may not count people reads the class of a rate', () => {
  const classed = rate({ numerator: null, denominator: null, rate: null, rate_class: 0.6 });
  assert.deepEqual(reading(classed), { state: 'classed', value: 0.6 });
});

test('a share is cut and not rounded', () => {
  assert.equal(shareText(0.997, number), '99%');
  assert.equal(shareText(0.29, number), '29%');
  assert.equal(shareText(1.005, number), '100%');
});

test('the lowest rate comes first, the unknown last whichever way, and equal ones by name', () => {
  const places = [place('100000000000001', unknown), place('100000000000002', { rate: 0.9 }), place('100000000000003', { rate: 0.2 }), place('100000000000004', { rate: 0.2 })];
  const ends = (sort) => ordered(places, sort).map(({ code }) => code.at(-1)).join('');
  assert.equal(ends({ by: 'housing', down: false }), '3421');
  assert.equal(ends({ by: 'housing', down: true }), '2341');
  assert.equal(ends({ by: 'name', down: true }), '4321');
  assert.equal(ends({ by: 'population', down: false }), '1234');
});

test('places are counted by the classes of the legend of the sandbox, unknown ones apart', () => {
  const legend = { classes: [0, 0.6, 0.75, 0.9, 1].map((from) => ({ from })) };
  assert.deepEqual([0.59, 0.6, 0.9, 1, 1.4].map((value) => classOf(value, legend)), [0, 1, 3, 4, 4]);
  const places = [place('100000000000001', unknown), place('100000000000002', { rate: 0.61 }), place('100000000000003', { rate: 1.2 })];
  assert.deepEqual(counted(places, 'housing', legend), { classes: [0, 1, 0, 0, 1], none: 1 });
});

test('codes of areas are asked for by their digits, and the way up is the trail', () => {
  assert.equal(codeOf({ level: 'street', code: '999001001000' }), '999001001');
  assert.equal(codeOf({ level: 'grid', code: '999001001002003' }), '999001001002003');
  const trail = [{ code: '999001' }, { code: '999001001' }, { code: '999001001002' }];
  assert.equal(above('999001001002', trail), '999001001');
  assert.equal(above('999001', trail), '');
});

test('the table to be filled in names the places without a total, as the import takes it', () => {
  const places = [place('100000000000001', unknown), place('100000000000002', {})];
  assert.deepEqual(undeclared(places, 'housing').map(({ code }) => code), ['100000000000001']);
  assert.equal(csvText(DECLARATION_HEADS, declarationRows(places, 'housing', '2026-11-23')),
    '\ufeffplace_code,kind,value,source,as_of\r\n100000000000001,housing,,,2026-11-23\r\n');
});

test('no spreadsheet takes a cell for a formula, and cells with signs of their own stand in quotes', () => {
  const cells = ['=1+1', '+1', '-1', '@x', '\tx', '＝x', 'a,b', 'say "x"', 'two\nlines', -5, 0, null, undefined, '楼'];
  assert.equal(csvText(['a'], [cells]),
    '\ufeffa\r\n\'=1+1,\'+1,\'-1,\'@x,\'\tx,\'＝x,"a,b","say ""x""","two\nlines",-5,0,,,楼\r\n');
});

test('a file can be stored whatever its place is called', () => {
  assert.equal(fileName(['录入率', 'a/b<c>:"|?*\u0001', '', null]), '录入率-a_b_c_______.csv');
  assert.ok(fileName(['x'.repeat(500)]).length < 130);
});

test('an account gets the sections that its addresses allow, and a link to another opens the first', () => {
  const viewer = { rates: '/r', survey: '/s', catalogue: '/c' };
  assert.deepEqual(allowed(viewer).map(({ name }) => name), ['rates', 'rooms', 'layers', 'connect']);
  assert.equal(meant('rooms', viewer), 'rooms');
  assert.equal(meant('imports', viewer), 'rates');
  assert.equal(meant('toString', { ...viewer, imports: '/i' }), 'imports');
  assert.deepEqual(parseQuery('?view=rates&run=x'), { view: 'rates' });
});

const URLS = { rates: '/rates', legend: '/legend', catalogue: '/c' };

/** A page at an address; `answers(url)` is what the server says. */
function pageAt(search, answers) {
  const store = new Store({ nextFrame: () => {}, initial: structuredClone(INITIAL) });
  const asked = [];
  const written = [];
  const page = Object.assign(new EventTarget(), { hidden: false, documentElement: {}, location: { pathname: '/data', search } });
  const history = { replaceState: (a, b, url) => written.push(url), pushState: (a, b, url) => written.push(`+${url}`) };
  const ask = async (url) => {
    asked.push(url);
    const answer = answers(url);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { store, asked, written, data: new DataPage({ config: { urls: URLS, style: 'night' }, store, page, history, ask }) };
}

const settled = () => new Promise((resolve) => { setTimeout(resolve, 0); });
const LEGEND = { legend: [{ layer: 'communities' }, { layer: 'grids', classes: [] }] };
const answer = (level, codes, trail = []) => ({ level, trail, place: null, places: codes.map((code) => place(code, {}, level)), next: null, counted_at: null });

test('a page without a link goes down to where there is something to choose, a link is taken at its word', async () => {
  const town = (url) => {
    if (url.startsWith('/legend')) return LEGEND;
    if (url === '/rates?within=') return answer('county', ['999001000000']);
    if (url === '/rates?within=999001') return answer('street', ['999001001000', '999001002000']);
    return answer('building', []);
  };
  const free = pageAt('?view=rates', town);
  free.data.start();
  await settled();
  assert.deepEqual([free.store.state.rates.within, free.store.state.rates.level], ['999001', 'street']);
  const linked = pageAt('?view=rates&within=999001001002003&kind=population&sort=-name', town);
  linked.data.start();
  await settled();
  const { within, kind, sort } = linked.store.state.rates;
  assert.deepEqual({ within, kind, sort }, { within: '999001001002003', kind: 'population', sort: { by: 'name', down: true } });
  linked.data.rates.go('999001001002');
  assert.equal(linked.written.at(-1), '+/data?view=rates&within=999001001002&kind=population&sort=-name'.replace('view=rates&', ''));
});

test('nonsense in a link is left out, and a server that does not answer is told', async () => {
  const { store, data } = pageAt('?view=rates&within=12&kind=x&sort=constructor', (url) => (
    url.startsWith('/legend') ? LEGEND : Object.assign(new Error('gone'), { title: 'gone' })));
  data.start();
  await settled();
  const { within, kind, sort, status } = store.state.rates;
  assert.deepEqual({ within, kind, sort, status }, { within: '', kind: 'housing', sort: { by: 'housing', down: false }, status: 'failed' });
});

test('an answer that was overtaken by another place is dropped', async () => {
  const waiting = new Map();
  const { store, data } = pageAt('?view=rates&within=999001', (url) => (url.startsWith('/legend') ? LEGEND
    : new Promise((resolve) => { waiting.set(url, resolve); })));
  data.start();
  data.rates.go('999002');
  waiting.get('/rates?within=999002')(answer('street', ['999002001000']));
  await settled();
  waiting.get('/rates?within=999001')(answer('street', ['999001001000']));
  await settled();
  assert.deepEqual(store.state.rates.places.map(({ code }) => code), ['999002001000']);
});

test('counts that cannot be read again leave those that stand there', async () => {
  let gone = false;
  const { store, data } = pageAt('?view=rates&within=999001', (url) => {
    if (url.startsWith('/legend')) return LEGEND;
    return gone ? Object.assign(new Error('gone'), { title: 'gone' }) : answer('street', ['999001001000']);
  });
  data.start();
  await settled();
  gone = true;
  data.refresh();
  await settled();
  assert.deepEqual([store.state.rates.status, store.state.rates.places.length], ['ready', 1]);
  data.rates.again();
  await settled();
  assert.equal(store.state.rates.status, 'failed');
});
