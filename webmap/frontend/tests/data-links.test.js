import assert from 'node:assert/strict';
import { test } from 'node:test';
import encode from 'qr';
import decode from 'qr/decode.js';
import { bodyOf, changes, displayOf, listed, onlyHere, pathOf, placeName, squares } from '../src/data/links/access-links.js';
import { DataPage, INITIAL } from '../src/data/page.js';
import { STATE_ICONS } from '../src/data/links/access-links.js';
import en from '../src/i18n/en.js';
import { Store } from '../src/store.js';

const formOf = (values) => {
  const form = new FormData();
  for (const [name, value] of Object.entries({
    height_m: '', distance_m: '', takeover_s: '', tour: '', sound: '', low_power: '', days: '', link_hours: '72', within: '', name: '', ...values })) form.set(name, value);
  return form;
};
const LINK = { id: 3, kind: 'kiosk', name: '北墙', places: [''], display: { tour: 1, height_m: 2.4, sound: true }, state: 'open' };

test('a form says only what was filled in, and a change only what is another one now', () => {
  assert.deepEqual(bodyOf(formOf({ kind: 'kiosk', name: ' 大厅 ', within: '999001', height_m: '2.4', sound: 'off', tour: '2' })),
    { kind: 'kiosk', name: '大厅', within: '999001', display: { height_m: 2.4, sound: false, tour: 2 }, link_hours: 72 });
  assert.deepEqual(bodyOf(formOf({ kind: 'keeper', keeper: 'WG1', days: '30', name: 'x', within: '9' })), { kind: 'keeper', keeper: 'WG1', link_hours: 72, days: 30 });
  const said = displayOf(formOf({ tour: '2', height_m: '2.4', low_power: 'on' }));
  assert.deepEqual(changes(said, LINK.display), { tour: 2, sound: null, low_power: true });
});

test('what is over stands last, and only where somebody wants it; each state has a picture and a word', () => {
  const links = Object.keys(STATE_ICONS).map((state, id) => ({ id, state }));
  assert.deepEqual(listed(links, { over: false }).map(({ state }) => state), ['waiting', 'open', 'left', 'unopened']);
  assert.deepEqual(listed([links[5], links[1]], { over: true }).map(({ state }) => state), ['open', 'revoked']);
  for (const { state } of links) assert.ok(en[`access.state.${state}`], state);
});

test('a place has the name of its area, or its digits; an address of this computer opens nowhere else', () => {
  const areas = [{ within: '999001001', name: '望江街道' }];
  assert.deepEqual(['999001001', '999001001002'].map((place) => placeName(place, areas, ({ name }) => name)), ['望江街道', '999001001002']);
  assert.deepEqual(['http://127.0.0.1:8700', 'http://localhost', 'http://[::1]:1', 'https://sandbox.example', 'http://10.127.0.1'].map(onlyHere), [true, true, true, false, false]);
  assert.equal(pathOf([[true, false], [false, true]]), 'M0 0h1v1h-1zM1 1h1v1h-1z');
});

test('the code beside a link is the link, as a camera reads it', () => {
  const url = `https://sandbox.example/survey#${'aZ-_09'.repeat(7)}x`;
  const rows = squares(encode, url);
  const [scale, side] = [6, rows.length * 6];
  const data = new Uint8Array(side * side * 4).map((_, at) => {
    const [x, y] = [Math.floor(((at >> 2) % side) / scale), Math.floor((at >> 2) / side / scale)];
    return at % 4 !== 3 && rows[y][x] ? 0 : 255;
  });
  assert.equal(decode({ width: side, height: side, data }), url);
});

function pageWith(answers) {
  const store = new Store({ nextFrame: () => {}, initial: structuredClone(INITIAL) });
  const asked = [];
  const ask = async (url, { method = 'GET', body } = {}) => {
    asked.push([method, url, body]);
    const answer = answers(url, method);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const page = Object.assign(new EventTarget(), { hidden: false, documentElement: {}, location: { pathname: '/data', search: '' } });
  const config = { urls: { accessLinks: '/links', accessLink: '/links/{id}', linkChoices: '/choices', rates: '/r' }, origin: 'https://sandbox.example', timeZone: 'Asia/Shanghai' };
  const data = new DataPage({ config, store, page, history: { replaceState() {}, pushState() {} }, ask });
  return { data, asked, state: () => store.state.accessLinks };
}

const refusal = Object.assign(new Error('x'), { title: 'gone', detail: '', cure: '' });
const answers = (url, method) => (url === '/choices' ? { areas: [], keepers: [], tours: [] } : method === 'GET' ? { links: [LINK] } : { ...LINK, id: 4, state: 'waiting', token: 'SECRET', path: '/wall#SECRET' });

test('a link that is made is in the page until its dialog is closed, and its token nowhere in the list', async () => {
  const { data, asked, state } = pageWith(answers);
  await data.links.opened();
  data.links.ask('make');
  await data.links.make(formOf({ kind: 'kiosk', name: '北墙' }));
  assert.equal(state().dialog.url, 'https://sandbox.example/wall#SECRET');
  assert.deepEqual(state().list.map(({ id }) => id), [4, 3]);
  data.links.copied(state().dialog.url);
  data.links.close();
  assert.ok(!JSON.stringify(state()).includes('SECRET'));
  assert.deepEqual(asked.at(-1).slice(0, 2), ['POST', '/links']);
});

test('a change that changes nothing is not sent; a refusal stays in the dialog, and the list as it was', async () => {
  let refuses = false;
  const { data, asked, state } = pageWith((url, method) => (refuses && method !== 'GET' ? refusal : method === 'PATCH' ? { ...LINK, display: { tour: 2 } } : answers(url, method)));
  await data.links.opened();
  const before = asked.length;
  data.links.ask('change', LINK);
  await data.links.change(LINK, formOf({ name: '北墙', tour: '1', height_m: '2.4', sound: 'on' }));
  assert.deepEqual([asked.length, state().dialog], [before, null]);
  data.links.ask('change', LINK);
  refuses = true;
  await data.links.change(LINK, formOf({ name: '北墙', tour: '2' }));
  assert.deepEqual([state().fault.title, state().dialog.kind, state().sending, state().list[0].display.tour], ['gone', 'change', false, 1]);
  refuses = false;
  await data.links.change(LINK, formOf({ name: '北墙', tour: '2' }));
  assert.deepEqual(asked.at(-1), ['PATCH', '/links/3', { display: { tour: 2, height_m: null, sound: null } }]);
  assert.deepEqual([state().dialog, state().list[0].display.tour], [null, 2]);
});

test('a list that cannot be read says so, and one that was read before stays when a look by itself fails', async () => {
  let away = true;
  const { data, state } = pageWith((url, method) => (away ? refusal : answers(url, method)));
  await data.links.opened();
  assert.deepEqual([state().status, state().error.title], ['failed', 'gone']);
  away = false;
  await data.links.again();
  away = true;
  await data.links.refresh();
  assert.deepEqual([state().status, state().list.length], ['ready', 1]);
});
