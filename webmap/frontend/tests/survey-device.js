/** A keeper's device for tests: the page without a browser, and the exchange with a server that answers as it is told. */
import { INITIAL, SurveyPage } from '../src/survey/page.js';
import { Sync } from '../src/survey/sync.js';

export const FORM = [{ name: 'tenure', kind: 'text', required: true, label: { 'zh-CN': '权属', en: 'Tenure' } }];
const room = (id, number) => ({ id, unit: '1', floor: 1, number, version: 3, values: { tenure: 'unknown' }, missing: ['tenure'], due_at: null, done: false });
export const BUILDINGS = [{ id: 1, name: '1栋', units: ['1'], rooms: [room(7, '101'), room(8, '102')], gaps: [] }];

globalThis.window ??= { scrollY: 0 };
globalThis.document ??= { documentElement: {} };

class Store {
  state = structuredClone(INITIAL);

  set(_, changes) {
    Object.assign(this.state, changes);
  }

  touch() {}
}

let made = 0;

/** A page of a keeper with its list read, on a device whose box may hold more. `state`: what the browser kept of where it was. */
export async function opened(box, keeper = 'K1', { state = null, buildings = BUILDINGS, endSession = async () => {} } = {}) {
  const store = new Store();
  const drawn = [];
  const history = { backs: 0, state, pushState() {}, replaceState() {}, back() { this.backs += 1; } };
  const page = new SurveyPage({
    store, box, history, endSession, storage: { getItem: () => 'zh-CN' }, clock: { now: () => 1_000_000, later() {}, forget() {} }, newId: () => `i${made += 1}`,
    sync: { runs: 0, run() { this.runs += 1; } }, locate: async () => { throw new Error('none'); }, zone: 'Asia/Shanghai', photosMost: 6,
    shrink: (file) => new Promise((resolve, reject) => { drawn.push({ file, resolve, reject }); }),
    urls: { createObjectURL: (blob) => `blob:${blob}`, revokeObjectURL() {} },
  });
  await box.put('day', { id: 'list', keeper, form: FORM, buildings, read_at: 1_000_000, offset: 0 }, { id: 'keeper', keeper });
  await page.start();
  const open = (key) => page.go('form', { building: 1, key });
  return { page, store, drawn, history, open };
}

/** What was begun has come to its end. */
export const settle = () => new Promise((resolve) => { setTimeout(resolve); });

/** A form of keeper K1 for room 101. */
export const item = (id, more = {}) => ({ id, order: 1, keeper: 'K1', building: 1, room: 7, unit: '1', floor: 1, number: '101', values: { tenure: 'owner' }, state: 'waiting', base: 3, follows: null,
  done_at: new Date(1_000_000).toISOString(), ...more });

export const failing = (status, more = {}) => { throw Object.assign(new Error('failed'), { title: 'failed', status, ...more }); };

/** An exchange whose requests `answer` decides, on a device where `box` is kept; its clock is `clock.time`. */
export function exchange(box, answer, putPhoto = async () => {}) {
  const told = [];
  const timers = [];
  const clock = { time: 1_000_000, now() { return this.time; }, later: (work, ms) => timers.push({ work, ms }), forget() {} };
  const ask = async (path, options) => answer(path, options) ?? (path.startsWith('/api/survey/worklist')
    ? { keeper: 'K1', server_time: new Date(1_000_000).toISOString(), form: FORM, buildings: BUILDINGS, next: null, cut: false }
    : options ? { edits: options.body.edits.map(({ id }) => ({ id, outcome: 'applied', reason: null, room: 7, version: 4, theirs: null, faults: [] })), unread: [] }
      : { edits: [], next: null });
  const sync = new Sync({ box, ask, putPhoto, alone: (_, work) => work(), tell: (what) => told.push(what), clock, chance: () => 0.5 });
  return { sync, told, timers, clock };
}
