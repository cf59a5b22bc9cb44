/** What a keeper can do on the survey page. */
import { language, setLanguage, t } from '../i18n/index.js';
import { Answers } from './answers.js';
import { Drafts } from './drafts.js';
import { isRecorded, progress, roomsOf, shared, WAITING } from './forms.js';
import { Keeping } from './keeping.js';
import { Photographs } from './photographs.js';
import { RoomForm } from './room-form.js';
import { todayOf } from './today.js';
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
  /** How many photographs wait; those of them that were put aside after some tries; and those that the server did not take. */
  photos: 0,
  asidePhotos: [],
  refused: [],
  /** Forms of the keeper that were begun and not saved: `{ id, building, key, at }`. */
  drafts: [],
  link: 'ok',
  /** Why the link that the page was opened with opened nothing, or nothing yet. */
  linkError: null,
  busy: false,
  error: null,
  /** Until when the server wants nothing more from this device: milliseconds by its own clock. */
  rest: null,
  /** Whether this browser keeps forms when the page is closed. */
  lasting: true,
  draft: null,
  notice: null,
};

const LANGUAGE = 'shapan.survey.lang';

export class SurveyPage {
  #channel;
  /** What is to be said once the way back is taken. */
  #parting = null;

  /** The link is over: the list goes as soon as the form in hand is left. */
  #over = false;

  /** How many half-filled forms the keeper was asked to give up by leaving; null before. */
  #leaving = null;

  constructor({ store, box, sync, locate, shrink, clock, newId, channel, urls, endSession, zone, photosMost, history = window.history, storage = window.localStorage, top = () => window.scrollY }) {
    Object.assign(this, { store, box, sync, clock, newId, zone, history, storage, top, endSession });
    this.drafts = new Drafts({ store, box, clock, unkept: () => store.set('page', { notice: { kind: 'bad', text: t('survey.draft.unkept') } }) });
    this.photographs = new Photographs({ store, box, shrink, newId, drafts: this.drafts, most: photosMost, urls });
    const kept = { drafts: this.drafts, photographs: this.photographs };
    this.keeping = new Keeping({ store, box, clock, newId, sync, ...kept, ifKept: (work) => this.#ifKept(work), tellTabs: () => this.#tellTabs() });
    this.answers = new Answers({ clock, sync, keeping: this.keeping, photographs: this.photographs, store });
    this.unrecorded = new Unrecorded({ store, sync, takeUp: (...asked) => this.answers.takeUp(...asked) });
    this.form = new RoomForm({ store, newId, locate, ...kept, building: (id) => this.building(id), rooms: (building) => this.rooms(building),
      keep: (draft) => this.#save(draft) });
    this.#channel = channel;
    channel?.addEventListener('message', () => this.#ifKept(() => this.readBox()));
  }

  async start() {
    this.#translate(this.#remembered());
    this.store.set('page', { lasting: this.box.lasting });
    await this.#ifKept(() => this.readBox());
    // Loaded anew, as after the camera of a small device: where one was.
    const view = this.history.state?.view;
    if (view && this.store.state.day) this.#show(view);
    await this.sync.run();
  }

  /** Take over what this browser keeps: at the beginning, and when another tab has changed it. */
  async readBox() {
    const [items, kept] = await Promise.all(['edits', 'day'].map((store) => this.box.all(store)));
    const [day, others, whose] = ['list', 'others', 'keeper'].map((id) => kept.find((one) => one.id === id));
    const { link, day: before, keeper } = this.store.state;
    this.keeping.seen(items);
    this.#take({ keeper: whose?.keeper ?? keeper, items, others: others?.edits ?? [], day: day ?? (link === 'closed' ? null : before) });
    this.drafts.take(kept, this.store.state.keeper);
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
    if (told.day) await this.#ifKept(() => this.drafts.age(told.day.read_at));
    if (told.items || 'day' in told) this.#tellTabs();
  }

  // --- where one is ------------------------------------------------------------------------------------------

  go(name, { building = null, key = null } = {}) {
    const view = { name, building, key };
    // On the way back one is where one was: among the rooms, not at their top.
    this.history.replaceState({ view: { ...this.store.state.view, top: this.top() } }, '');
    this.history.pushState({ view }, '');
    this.#show(view);
  }

  /** The device's own way back. */
  popped(state) {
    this.#show(state?.view ?? INITIAL.view);
  }

  back() {
    this.history.back();
  }

  #show(asked) {
    const { draft: left } = this.store.state;
    this.drafts.flush();
    this.photographs.left();
    if (this.#over) {
      this.#over = false;
      this.store.set('page', { day: null });
    }
    const view = this.#possible(asked);
    const unsaved = left?.touched && !left.saving ? { kind: 'good', text: t('survey.draft.left', { room: left.isNew ? t('survey.new') : left.place.number }) } : null;
    this.store.set('page', { view, notice: this.#parting ?? unsaved, draft: null });
    this.#parting = null;
    if (view.name === 'form') this.form.begin(view);
  }

  /** A view, or the one before where the list has no such room or building any more. */
  #possible(view) {
    if (view.name === 'list' || view.name === 'conflicts') return view;
    const building = this.building(view.building);
    if (building === null) return INITIAL.view;
    const there = view.key === null || view.name !== 'form' || this.rooms(building).some(({ key }) => key === view.key);
    return there ? view : { name: 'building', building: building.id, key: null };
  }

  building(id) {
    return this.store.state.day?.buildings.find((one) => one.id === id) ?? null;
  }

  /** What is done today, and what was on a day before. */
  #today() {
    return todayOf(this.store.state.day, this.clock.now(), this.zone);
  }

  rooms(building) {
    const { day, items } = this.store.state;
    return roomsOf(building, day.form, items, this.#today());
  }

  progress(building) {
    const { day, items } = this.store.state;
    return progress(building, day.form, items, this.#today());
  }

  /** Keep the form in hand and go back. @returns {boolean} whether it is on this device */
  async #save(draft) {
    const notice = await this.keeping.save(this.building(draft.building), draft);
    if (notice === null) return false;
    this.#parting = notice;
    this.back();
    return true;
  }

  // --- the page ----------------------------------------------------------------------------------------------

  /** Forms that the server has not answered. */
  waiting() {
    return this.store.state.items.filter(({ state }) => state === WAITING).length;
  }

  /**
   * End the session and empty this device, for another keeper: only when the server has all of it. The session goes first: while it
   * lasts, the next network would bring the list back.
   * @returns {boolean} whether it was; else why not is said, and everything is as it was
   */
  async empty() {
    await this.sync.run();
    let ended = false;
    try {
      if (await this.#keptBack()) return false;
      await this.endSession();
      ended = true;
      await this.box.clear();
    } catch (error) {
      if (!error.title && !(error instanceof DOMException)) throw error;
      const word = ended ? 'unemptied' : error.status === 0 ? 'offline' : 'failed';
      this.store.set('page', { notice: { kind: 'bad', text: t(`survey.leave.${word}`) } });
      return false;
    }
    this.#tellTabs();
    return true;
  }

  /** Whether something on this device is not to be lost yet; what, is said. */
  async #keptBack() {
    // Whoever's they are.
    const [items, photos, drafts] = [await this.box.all('edits'), await this.box.all('photos'), await this.drafts.count()];
    const count = items.filter((item) => !isRecorded(item) && !item.closed).length + photos.length;
    const agreed = this.#leaving === drafts;
    this.#leaving = count ? null : drafts;
    if (count || (drafts && !agreed)) {
      this.store.set('page', { notice: { kind: 'bad', text: count ? t('survey.leave.unsent', { count }) : t('survey.leave.drafts', { count: drafts }) } });
      return true;
    }
    return false;
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
