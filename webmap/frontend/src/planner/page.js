/** What the planner page does: it asks the server for every change, and keeps what the server says. */
import { requestJson } from '../api.js';
import { address } from '../config.js';
import { language, setLanguage, t } from '../i18n/index.js';
import { chooseRole } from '../role-switch.js';
import { Drafting } from './drafting.js';
import { Paper } from './paper.js';
import { afterOperation, differenceOf, etag, isNewer, leaseState } from './plan-terms.js';

/** Milliseconds between two heartbeats of whoever draws. */
const HEARTBEAT_MS = 240_000;

export const INITIAL = {
  serverOffset: 0, stream: 'connecting',
  planner: { status: 'loading', communities: [], profiles: [], error: null, sought: '', files: [], starting: null },
  plan: null, ground: null, tab: 'grids', sort: { column: 'code', down: false }, history: null, replay: null, comparison: null, drafting: null, sheet: null,
  work: {
    tool: 'select', chosen: [], buildings: [], busy: null, refusal: null, preview: null, stale: null, newer: null, done: null, pointed: null, dialog: null,
  },
};

export class PlannerPage {
  #heart = null;

  /** Requests that change a plan go one after another: each needs the revision that the one before it made. */
  #turn = Promise.resolve();

  constructor({ config, store, request = requestJson }) {
    Object.assign(this, { config, store, request, draft: new Drafting({ store, page: this }), paper: new Paper({ store }) });
  }

  // --- beginning ---------------------------------------------------------------------------------------------

  async start(plan) {
    await this.list();
    if (plan !== null) await this.open(plan);
  }

  async list() {
    this.#planner({ status: 'loading', error: null });
    try {
      const [{ communities }, { profiles }] = await Promise.all([this.request(this.config.urls.communities), this.request(this.config.urls.profiles)]);
      this.#planner({ status: 'ready', communities, profiles });
    } catch (error) {
      this.#planner({ status: 'failed', error: shown(error) });
    }
  }

  seek(sought) {
    this.#planner({ sought });
  }

  /** Ask how a plan of a community shall begin. */
  async ask(community) {
    this.#planner({ starting: { community, files: [], plans: [], error: null, sending: false } });
    try {
      const [{ files }, { plans }] = await Promise.all([
        this.request(address(this.config.urls.files, { code: community.code })), this.request(address(this.config.urls.plansOf, { code: community.code }))]);
      if (this.store.state.planner.starting?.community === community) this.#starting({ files, plans });
    } catch (error) {
      this.#starting({ error: shown(error) });
    }
  }

  askNoMore() {
    this.#planner({ starting: null });
  }

  async begin(body) {
    this.#starting({ sending: true, error: null });
    try {
      const plan = await this.request(this.config.urls.plans, { method: 'POST', body: { community: this.store.state.planner.starting.community.code, ...body } });
      this.#planner({ starting: null });
      await this.#opened(plan);
    } catch (error) {
      this.#starting({ sending: false, error: shown(error) });
    }
  }

  async open(id) {
    this.#work({ busy: 'open' });
    try {
      await this.#opened(await this.request(this.#url(id)));
    } catch (error) {
      this.#planner({ error: shown(error) });
    } finally {
      this.#work({ busy: null });
    }
  }

  async #opened(plan) {
    this.store.set('plan', { plan, ground: null, history: null, replay: null, comparison: null, drafting: null, sheet: null, work: { ...INITIAL.work } });
    this.writeAddress();
    this.#beat();
    try {
      const [buildings, { roads }] = await Promise.all([this.request(`${this.#url(plan.id)}/buildings`), this.request(`${this.#url(plan.id)}/roads`)]);
      if (this.store.state.plan?.id === plan.id) this.store.set('ground', { ground: { buildings, roads } });
    } catch (error) {
      this.#work({ refusal: { title: t('planner.ground.failed'), ...shown(error) } });
    }
  }

  close() {
    this.store.set('plan', { plan: null, ground: null, drafting: null, work: { ...INITIAL.work } });
    this.writeAddress();
    return this.list();
  }

  writeAddress() {
    const query = new URLSearchParams(location.search);
    const { plan } = this.store.state;
    if (plan === null) query.delete('plan');
    else query.set('plan', plan.id);
    history.replaceState(null, '', `${location.pathname}${query.size ? `?${query}` : ''}`);
  }

  // --- what is chosen ----------------------------------------------------------------------------------------

  use(tool) {
    this.#work({ tool, refusal: null, preview: null, buildings: tool === 'buildings' ? this.store.state.work.buildings : [] });
  }

  choose(face, more = false) {
    const { chosen } = this.store.state.work;
    if (face === null) return this.#work({ chosen: [] });
    if (!more) return this.#work({ chosen: chosen.length === 1 && chosen[0] === face ? [] : [face] });
    return this.#work({ chosen: chosen.includes(face) ? chosen.filter((one) => one !== face) : [...chosen, face] });
  }

  chooseBuilding(id) {
    const { buildings } = this.store.state.work;
    this.#work({ buildings: buildings.includes(id) ? buildings.filter((one) => one !== id) : [...buildings, id] });
  }

  point(violation) {
    this.#work({ pointed: violation, chosen: violation.faces.filter((face) => this.#face(face)) });
  }

  show(tab) {
    this.store.set('tab', { tab });
    if (tab === 'history') return this.readHistory();
    return tab === 'comparison' ? this.compare() : undefined;
  }

  sortBy(column) {
    const { sort } = this.store.state;
    this.store.set('sort', { sort: { column, down: sort.column === column ? !sort.down : column !== 'code' && column !== 'name' } });
  }

  /** Put away what was told: a refusal, a preview, a difference. Tells whether there was anything. */
  putAway() {
    const { refusal, preview, dialog, buildings, chosen, tool } = this.store.state.work;
    if (this.store.state.sheet) this.paper.close();
    else if (dialog) this.#work({ dialog: null });
    else if (refusal || preview) this.#work({ refusal: null, preview: null });
    else if (this.store.state.drafting) this.draft.close();
    else if (tool !== 'select' || buildings.length) this.use('select');
    else if (chosen.length) this.choose(null);
    else return false;
    return true;
  }

  askAbout(kind, more = {}) {
    this.#work({ dialog: { kind, ...more } });
  }

  // --- changes -----------------------------------------------------------------------------------------------

  /** Carry out an operation; or show what it would do and have it confirmed. */
  operate(operation, { preview = false } = {}) {
    return this.#inTurn(operation.kind, async (plan) => {
      const answer = await this.#change(plan, `/operations${preview ? '?preview=1' : ''}`, { body: operation });
      if (preview) this.#work({ preview: { operation, answer } });
      else this.#took(plan, answer);
      this.#work({ dialog: null });
    });
  }

  /** What the page itself knows cannot be done. */
  refuse(reason) {
    this.#work({ refusal: { reason, title: '', detail: '', cure: '' } });
  }

  confirm() {
    const { preview } = this.store.state.work;
    if (!preview) return undefined;
    this.#work({ preview: null });
    return this.operate(preview.operation);
  }

  undo() {
    return this.#inTurn('undo', async (plan) => this.#took(plan, await this.#change(plan, '/undo')));
  }

  redo() {
    return this.#inTurn('redo', async (plan) => this.#took(plan, await this.#change(plan, '/redo')));
  }

  /** Lead the plan one step on: submit, withdraw, discard, approve, reject, publish, unschedule. */
  step(kind, body = {}) {
    return this.#inTurn(kind, async (plan) => {
      this.#replaced(await this.#change(plan, `/${kind}`, { body }));
      this.#work({ dialog: null });
    });
  }

  letStand(violation, reason) {
    return this.#inTurn('except', async (plan) => {
      this.#replaced(await this.#change(plan, `/exceptions/${violation}`, { method: 'PUT', body: { reason } }));
      this.#work({ dialog: null });
    });
  }

  countAgain(violation) {
    return this.#inTurn('except', async (plan) => this.#replaced(await this.#change(plan, `/exceptions/${violation}`, { method: 'DELETE' })));
  }

  draw() {
    return this.#inTurn('lease', async (plan) => {
      const { lease } = await this.request(`${this.#url(plan.id)}/lease`, { method: 'PUT' });
      this.#set({ lease });
      this.#beat();
    });
  }

  stopDrawing() {
    return this.#inTurn('lease', async (plan) => {
      await this.request(`${this.#url(plan.id)}/lease`, { method: 'DELETE' });
      this.#set({ lease: null });
    });
  }

  /** Load what is new; what is chosen stays as far as it is there. */
  reload() {
    return this.#inTurn('open', async (plan) => {
      this.#replaced(await this.request(this.#url(plan.id)));
      this.#work({ stale: null, newer: null, refusal: null, preview: null });
    });
  }

  #inTurn(name, work) {
    const { plan: now } = this.store.state;
    if (now === null) return undefined;
    this.#turn = this.#turn.then(async () => {
      const { plan } = this.store.state;
      if (plan?.id !== now.id) return;
      this.#work({ busy: name, refusal: null });
      try {
        await work(plan);
      } catch (error) {
        this.#refused(error, plan);
      } finally {
        this.#work({ busy: null });
      }
    });
    return this.#turn;
  }

  #change(plan, path, { method = 'POST', body } = {}) {
    return this.request(`${this.#url(plan.id)}${path}`, { method, body, headers: { 'If-Match': etag(plan) } });
  }

  #took(plan, answer) {
    this.store.set('plan', { plan: afterOperation(plan, answer) });
    const there = new Set(this.store.state.plan.faces.features.map(({ id }) => id));
    const { chosen } = this.store.state.work;
    this.#work({ preview: null, stale: null, newer: null, buildings: [], done: answer.operation, chosen: chosen.filter((face) => there.has(face)) });
    this.#followed();
  }

  #replaced(plan) {
    const there = new Set(plan.faces.features.map(({ id }) => id));
    this.store.set('plan', { plan });
    this.#work({ chosen: this.store.state.work.chosen.filter((face) => there.has(face)) });
    this.#followed();
  }

  /** History and comparison that are shown follow the plan. */
  #followed() {
    const { tab } = this.store.state;
    if (tab === 'history') this.readHistory();
    if (tab === 'comparison') this.compare();
  }

  #refused(error, plan) {
    if (!error.title) throw error;
    if (error.status === 412) this.#work({ stale: differenceOf(plan, error.problem), preview: null });
    else if (error.status === 423) {
      this.#set({ lease: error.problem.by ? { by: error.problem.by, until: error.problem.until, mine: false } : null });
      this.#work({ refusal: { title: t('planner.lease.lost'), detail: '', cure: t('planner.lease.lost.cure') } });
    } else {
      if (error.status === 409 && error.problem?.by) this.#set({ lease: { by: error.problem.by, until: error.problem.until, mine: false } });
      this.#work({ refusal: shown(error) });
    }
  }

  #beat() {
    clearInterval(this.#heart);
    this.#heart = setInterval(() => {
      const { plan } = this.store.state;
      if (leaseState(plan?.lease, this.store.now()) === 'mine') this.draw();
    }, HEARTBEAT_MS);
  }

  // --- history and comparison --------------------------------------------------------------------------------

  async readHistory() {
    const { plan } = this.store.state;
    try {
      this.store.set('history', { history: await this.request(`${this.#url(plan.id)}/history`) });
    } catch (error) {
      this.#work({ refusal: shown(error) });
    }
  }

  /** Show the faces as they were after an operation; null shows those of now. */
  async replay(seq) {
    if (seq === null) return this.store.set('replay', { replay: null });
    const { plan } = this.store.state;
    try {
      const answer = await this.request(`${this.#url(plan.id)}/history/${seq}`);
      return this.store.set('replay', { replay: answer });
    } catch (error) {
      return this.#work({ refusal: shown(error) });
    }
  }

  async compare() {
    const { plan } = this.store.state;
    this.store.set('comparison', { comparison: { status: 'loading', answer: this.store.state.comparison?.answer ?? null } });
    try {
      this.store.set('comparison', { comparison: { status: 'ready', answer: await this.request(`${this.#url(plan.id)}/comparison`) } });
    } catch (error) {
      this.store.set('comparison', { comparison: { status: 'failed', answer: null, error: shown(error) } });
    }
  }

  // --- what the stream tells ---------------------------------------------------------------------------------

  hear(name, payload) {
    if (name !== 'plan') return;
    const { plan, work } = this.store.state;
    if (plan === null) this.list();
    else if (isNewer(plan, payload)) {
      // Whose own change it is hears of it by the answer.
      if (work.busy === null) this.reload();
      else this.#work({ newer: payload });
    } else if (payload.id === plan.id && 'lease' in payload && work.busy === null) this.reload();
  }

  switchLanguage() {
    const lang = language() === 'en' ? 'zh-CN' : 'en';
    setLanguage(lang);
    document.documentElement.lang = lang;
    const query = new URLSearchParams(location.search);
    query.set('lang', lang);
    history.replaceState(null, '', `${location.pathname}?${query}`);
    this.store.touch('language');
  }

  chooseRole(role) {
    return chooseRole(role, { request: this.request, reload: () => location.reload() });
  }

  #face(id) {
    return this.store.state.plan.faces.features.find((feature) => feature.id === id);
  }

  #url(id) {
    return address(this.config.urls.plan, { id });
  }

  #set(changes) {
    this.store.set('plan', { plan: { ...this.store.state.plan, ...changes } });
  }

  #planner(changes) {
    this.store.set('planner', { planner: { ...this.store.state.planner, ...changes } });
  }

  #starting(changes) {
    const { starting } = this.store.state.planner;
    if (starting) this.#planner({ starting: { ...starting, ...changes } });
  }

  #work(changes) {
    this.store.set('work', { work: { ...this.store.state.work, ...changes } });
  }
}

/** What the page keeps of a failed request. @throws what is none */
function shown(error) {
  if (!error.title) throw error;
  return {
    status: error.status, title: error.title, detail: error.problem?.message ?? error.detail, cure: error.problem?.cure ?? error.cure, reason: error.reason,
    geometry: error.problem?.geometry ?? null, faces: error.problem?.faces ?? [], faults: error.faults,
  };
}

