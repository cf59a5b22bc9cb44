/** What a keeper can do on the survey page. */
import { language, setLanguage, t } from '../i18n/index.js';
import { forgettable, isEmpty, keyOf, roomsOf, shared, standing, WAITING, wrong } from './forms.js';
import { Photographs } from './photographs.js';
import { Unrecorded } from './unrecorded.js';

export const INITIAL = {
  view: { name: 'list', building: null, key: null },
  /** The list as it was read last; null before the first time. */
  day: null,
  /** Whose page this is: the code of the keeper whose list was read last. */
  keeper: null,
  /** The keeper's forms on this device. */
  items: [],
  /** Forms of other keepers on this device that were not sent. */
  foreign: [],
  /** Conflicts in the keeper's grids that others left. */
  others: [],
  /** How many photographs wait, and those that the server did not take. */
  photos: 0,
  refused: [],
  link: 'ok',
  busy: false,
  error: null,
  /** Whether this browser keeps forms when the page is closed. */
  lasting: true,
  draft: null,
  notice: null,
};

const LANGUAGE = 'shapan.survey.lang';

export class SurveyPage {
  #channel;
  #order = 0;

  /** What is to be said once the way back is taken. */
  #parting = null;

  /** The link is over: the list goes as soon as the form in hand is left. */
  #over = false;

  /** Ids of conflicts that were answered: each once, however often its button is pressed. */
  #answered = new Set();

  constructor({ store, box, sync, locate, shrink, clock, newId, channel, urls, history = window.history, storage = window.localStorage }) {
    Object.assign(this, { store, box, sync, locate, clock, newId, history, storage });
    this.photographs = new Photographs({ store, box, shrink, newId, urls });
    this.unrecorded = new Unrecorded({ store, sync, takeUp: (...asked) => this.takeUp(...asked) });
    this.#channel = channel;
    channel?.addEventListener('message', () => this.#ifKept(() => this.readBox()));
  }

  async start() {
    this.#translate(this.#remembered());
    this.store.set('page', { lasting: this.box.lasting });
    await this.#ifKept(async () => {
      await this.readBox();
      await this.box.remove('edits', ...forgettable(await this.box.all('edits'), this.clock.now()));
    });
    await this.sync.run();
  }

  /** Take over what this browser keeps: at the beginning, and when another tab has changed it. */
  async readBox() {
    const [items, kept] = await Promise.all(['edits', 'day'].map((store) => this.box.all(store)));
    const [day, others, whose] = ['list', 'others', 'keeper'].map((id) => kept.find((one) => one.id === id));
    const { link, day: before, keeper } = this.store.state;
    this.#order = Math.max(this.#order, ...items.map(({ order }) => order));
    this.#take({ keeper: whose?.keeper ?? keeper, items, others: others?.edits ?? [], day: day ?? (link === 'closed' ? null : before) });
    await this.photographs.read();
  }

  /** The one way in for forms: whose they are is looked at here. */
  #take({ items, day, ...told }) {
    const keeper = told.keeper ?? this.store.state.keeper;
    if (day !== undefined) this.#over = day === null && this.store.state.draft !== null;
    this.store.set('page', { ...told, ...(items && shared(items, keeper)), ...(day === undefined || this.#over ? {} : { day }) });
  }

  /** What this device cannot keep or read now is no reason to stop: the exchange with the server says so. */
  async #ifKept(work) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
  }

  /** Hear what the exchange with the server has come to. */
  async heard(told) {
    this.#take(told);
    if (told.error && !told.error.title && !(told.error instanceof DOMException)) globalThis.reportError?.(told.error);
    if (told.items || told.busy === false) await this.#ifKept(() => this.photographs.read());
    if (told.items || 'day' in told) this.#tellTabs();
  }

  // --- where one is ------------------------------------------------------------------------------------------

  go(name, { building = null, key = null } = {}, { back = false } = {}) {
    const view = { name, building, key };
    if (!back) this.history.pushState({ view }, '');
    this.#show(view);
  }

  /** The device's own way back. */
  popped(state) {
    this.#show(state?.view ?? INITIAL.view);
  }

  back() {
    this.history.back();
  }

  #show(view) {
    this.photographs.left();
    if (this.#over) {
      this.#over = false;
      this.store.set('page', { day: null });
    }
    const notice = this.#parting;
    this.#parting = null;
    this.store.set('page', { view, notice, draft: view.name === 'form' ? this.#draft(view) : null });
    window.scrollTo?.(0, 0);
    if (view.name === 'form') this.place();
  }

  building(id) {
    return this.store.state.day?.buildings.find((one) => one.id === id) ?? null;
  }

  // --- one room ----------------------------------------------------------------------------------------------

  #draft({ building: id, key }) {
    const { day, items } = this.store.state;
    const building = this.building(id);
    const room = building && key ? roomsOf(building, day.form, items).find((one) => one.key === key) : null;
    const values = { ...room?.stands.values };
    const place = room ? { unit: room.unit, floor: room.floor, number: room.number } : { unit: building?.units[0] ?? '', floor: '', number: '' };
    // What is not known is asked, not taken for an answer.
    for (const { name, required } of day?.form ?? []) if (required && isEmpty(values[name])) values[name] = null;
    return { id: this.newId(), room, values, place, isNew: room === null, photos: [], drawing: 0, position: { state: 'none' }, tried: false, saving: false };
  }

  enter(name, value) {
    const { draft } = this.store.state;
    this.store.set('page', { draft: { ...draft, values: { ...draft.values, [name]: value } } });
  }

  enterPlace(name, value) {
    const { draft } = this.store.state;
    this.store.set('page', { draft: { ...draft, place: { ...draft.place, [name]: value } } });
  }

  /** Find out where the device is, once for a form. */
  async place() {
    const { draft } = this.store.state;
    draft.position = { state: 'looking' };
    try {
      const { lon, lat, accuracy } = await this.locate();
      draft.position = { state: 'found', lon, lat, accuracy };
    } catch {
      draft.position = { state: 'none' };
    }
    // A form that was opened meanwhile has its own.
    if (this.store.state.draft?.id === draft.id) this.store.set('page', { draft: { ...this.store.state.draft, position: draft.position } });
  }

  /** Names of the fields of the draft that hold what no room can have. */
  faults() {
    const { day, draft } = this.store.state;
    const found = day.form.map((field) => [field.name, wrong(field, field.name in draft.place ? draft.place[field.name] : draft.values[field.name])]);
    const bad = Object.fromEntries(found.filter(([name, fault]) => fault && (draft.isNew || !(name in draft.place))));
    if (draft.isNew) for (const name of ['unit', 'floor', 'number']) if (isEmpty(draft.place[name])) bad[name] ??= 'missing';
    return bad;
  }

  /** Keep the form, on this device first; it goes out by itself. */
  async save() {
    const { view, draft, day } = this.store.state;
    // Pressed twice it is kept once; while a photograph is drawn it waits for that.
    if (draft === null || draft.saving || draft.drawing) return;
    if (Object.keys(this.faults()).length) {
      this.store.set('page', { draft: { ...draft, tried: true }, notice: { kind: 'bad', text: t('survey.form.faults') } });
      return;
    }
    const building = this.building(view.building);
    const values = this.#values(day.form, draft.values);
    const place = draft.isNew ? { ...draft.place, floor: Number(draft.place.floor), number: String(draft.place.number).trim() } : draft.place;
    this.store.set('page', { draft: { ...draft, saving: true } });
    const kept = await this.#keep(building, { room: draft.room?.id ?? null, ...place }, draft.room, values, draft.position, draft.photos);
    const now = this.store.state.draft;
    if (!kept && now?.id === draft.id) this.store.set('page', { draft: { ...now, saving: false } });
  }

  #values(form, values) {
    const fields = form.filter(({ name }) => !['floor', 'number'].includes(name));
    return Object.fromEntries(fields.filter(({ name }) => name in values).map(({ name, kind }) => (
      [name, isEmpty(values[name]) ? null : kind === 'text' ? values[name] : Number(values[name])])));
  }

  /** Take what stands on record for the answer to a conflict. */
  async takeTheirs(item) {
    const values = Object.fromEntries(Object.keys(item.values).filter((name) => name in item.theirs).map((name) => [name, item.theirs[name]]));
    await this.#answer(item, values);
  }

  /** Send one's own once more, now that one has seen what stands on record. */
  sendMine(item) {
    return this.#answer(item, item.values);
  }

  async #answer(item, values) {
    const key = keyOf(item);
    const room = this.#listed(item.building)?.find((one) => one.key === key) ?? null;
    const building = { id: item.building, name: item.building_name };
    await this.#keep(building, item, room, values, { state: 'none' }, [], { resolves: item.id, base: item.version, follows: null });
  }

  /** Put aside what nothing more can be done about here: the server has it on record. */
  async dismiss(item) {
    const closed = { ...item, closed: true, settled_at: this.clock.now() };
    await this.box.put('edits', closed);
    this.store.set('page', { items: this.store.state.items.map((one) => (one.id === item.id ? closed : one)) });
    this.#tellTabs();
  }

  /** Take up what somebody left open in these grids: their values, or those on record, as one's own answer. */
  takeUp(edit, mine) {
    const values = mine ? edit.said : Object.fromEntries(Object.keys(edit.said).map((name) => [name, edit.now[name]]));
    const room = { room: edit.room, unit: edit.unit, floor: edit.floor, number: edit.number };
    const building = { id: edit.building, name: edit.building_name };
    return this.#keep(building, room, null, values, { state: 'none' }, [], { resolves: edit.id, base: edit.now?.version ?? null, follows: null });
  }

  #listed(id) {
    const { day, items } = this.store.state;
    const building = this.building(id);
    return building && roomsOf(building, day.form, items);
  }

  /** @returns {boolean} whether the form is on this device */
  async #keep(building, place, room, values, position, photos, seen = null) {
    if (seen !== null && this.#answered.has(seen.resolves)) return false;
    this.#answered.add(seen?.resolves);
    const { day, items } = this.store.state;
    const { room: id, unit, floor, number } = place;
    const named = { room: id, building: building.id, unit, floor, number };
    const stands = seen ?? standing(room?.found ? null : room, room?.key ?? keyOf(named), items);
    this.#order += 1;
    const item = {
      id: this.newId(), order: this.#order, keeper: day.keeper, ...named, building_name: building.name, values, state: WAITING,
      base: stands.base, follows: stands.follows, resolves: stands.resolves, done_at: new Date(this.clock.now()).toISOString(),
      lon: position.lon ?? null, lat: position.lat ?? null, accuracy_m: position.accuracy ?? null, photos: photos.length,
      reason: null, version: null, theirs: null, faults: [],
    };
    try {
      await this.box.put('edits', item);
    } catch (error) {
      this.#answered.delete(seen?.resolves);
      this.store.set('page', { notice: { kind: 'bad', text: t(error.name === 'QuotaExceededError' ? 'survey.full' : 'survey.unkept') } });
      return false;
    }
    const notice = await this.photographs.keep(item, photos);
    const { items: others, others: left } = this.store.state;
    this.store.set('page', { items: [...others.filter((one) => one.id !== item.id), item], others: left.filter((one) => one.id !== seen?.resolves) });
    await this.#ifKept(() => this.photographs.read());
    this.#tellTabs();
    this.sync.run();
    const said = notice ?? { kind: 'good', text: t('survey.kept', { room: number }) };
    if (seen !== null) {
      this.store.set('page', { notice: said });
    } else {
      this.#parting = said;
      this.back();
    }
    return true;
  }

  // --- the page ----------------------------------------------------------------------------------------------

  /** Forms that the server has not answered. */
  waiting() {
    return this.store.state.items.filter(({ state }) => state === WAITING).length;
  }

  /** Empty this device, for another keeper: only when all has been sent. @returns {boolean} whether it was */
  async empty() {
    await this.sync.run();
    // Whoever's they are.
    const [items, photos] = [await this.box.all('edits'), await this.box.all('photos')];
    const count = items.filter(({ state }) => state === WAITING).length + photos.length;
    if (count) {
      this.store.set('page', { notice: { kind: 'bad', text: t('survey.leave.unsent', { count }) } });
      return false;
    }
    await this.box.clear();
    this.#tellTabs();
    return true;
  }

  switchLanguage() {
    this.#translate(language() === 'en' ? 'zh-CN' : 'en');
    try {
      this.storage.setItem(LANGUAGE, language());
    } catch { /* full or forbidden: until the page is closed */ }
    this.store.touch('language');
  }

  #remembered() {
    try {
      return this.storage.getItem(LANGUAGE) ?? language();
    } catch {
      return language();
    }
  }

  #translate(name) {
    setLanguage(name);
    document.documentElement.lang = language();
    document.title = t('survey.title');
  }

  #tellTabs() {
    this.#channel?.postMessage('changed');
  }
}
