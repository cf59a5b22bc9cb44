/** 巡演编辑: where a wall goes by itself. Loaded only by who opens it, and may. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { requestJson } from '../../api.js';
import { address } from '../../config.js';
import { duration, number, shortDateTime } from '../../format.js';
import { t } from '../../i18n/index.js';
import { Panel } from '../../panels/panel.js';
import { add, bodyOf, change, faults, lasts, MOST_CHARACTERS, MOST_STOPS, move, NEW, remove, SECONDS, SHOWS, stopAt, stopHere } from './draft.js';

/** Milliseconds after the last key of a search, and places that it offers. */
const PAUSE = 200;
const FOUND = 8;
const SHORTEST = 2;

class TourEditor extends Panel {
  static properties = { ...Panel.properties, draft: { state: true }, found: { state: true }, tours: { state: true }, said: { state: true }, trying: { state: true }, busy: { state: true } };

  #timer = null;
  #asked = 0;
  #saved = NEW;

  constructor() {
    super();
    Object.assign(this, { draft: NEW, found: null, tours: [], said: null, trying: false, busy: false });
  }

  connectedCallback() {
    super.connectedCallback();
    // Another tour, the wall, the window closed: nothing of what was written is dropped without a question.
    addEventListener('beforeunload', (event) => this.#changed && event.preventDefault());
    this.#open(this.actions.options.edit);
  }

  /** Read all tours, and the one that is to be changed. */
  async #open(id) {
    try {
      const { tours } = await requestJson(this.config.urls.tours);
      this.tours = tours;
      if (id === 'new') return;
      const tour = await requestJson(address(this.config.urls.tour, { id }));
      this.#take(tour);
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(tour) {
    this.draft = tour;
    this.#saved = tour;
  }

  #fail(error) {
    if (!error.title) throw error;
    const conflict = error.status === 409 && this.draft.id !== null; // of a new one: as many are on record as may be
    this.said = {
      kind: conflict ? 'conflict' : 'bad', words: conflict ? t('tours.conflict') : error.message,
      faults: [...(conflict ? [error.message] : []), ...error.faults.map(({ place, message }) => `${place} ${message}`)],
    };
  }

  get #changed() {
    return JSON.stringify(bodyOf(this.draft)) !== JSON.stringify(bodyOf(this.#saved));
  }

  #edit(draft) {
    this.draft = draft;
    this.said = null;
    if (this.trying) this.actions.tours.try(draft);
  }

  render() {
    const { draft } = this;
    return html`
      <section class="wall-editor" aria-labelledby="tour-editor" data-testid="editor" data-version=${draft.version}>
        <header><h2 id="tour-editor">${t('tours.title')}</h2>${this.#chooser()}<a class="button quiet" href=${this.#wallUrl()}>${t('tours.wall')}</a></header>
        <label class="tour-name">${t('tours.name')}<input type="text" maxlength=${MOST_CHARACTERS} .value=${draft.name} data-testid="tour-name"
          @input=${(event) => this.#edit({ ...draft, name: event.target.value })}></label>
        ${this.#adding()}
        <ol class="tour-stops" data-testid="tour-stops">${repeat(draft.stops, (stop, at) => `${at}`, (stop, at) => this.#stop(stop, at))}</ol>
        ${draft.stops.length === 0 ? html`<p class="hint">${t('tours.empty')}</p>` : ''}
        ${this.#said()}
        <footer>
          <span class="hint">${t('tours.lasts', { count: number(draft.stops.length), time: duration(1000 * lasts(draft)) })}</span>
          ${draft.id === null ? '' : html`<button type="button" class="quiet" ?disabled=${this.busy} data-testid="tour-delete" @click=${() => this.#delete()}>${t('tours.delete')}</button>`}
          <button type="button" ?disabled=${draft.stops.length === 0} aria-pressed=${this.trying} data-testid="tour-try" @click=${() => this.#try()}>
            <shapan-icon name=${this.trying ? 'pause' : 'play'}></shapan-icon>${t(this.trying ? 'tours.try.end' : 'tours.try')}</button>
          <button type="button" class="primary" ?disabled=${this.busy || !this.#changed} data-testid="tour-save" @click=${() => this.#save()}>${t('tours.save')}</button>
        </footer>
      </section>`;
  }

  #wallUrl() {
    return this.draft.id === null ? this.config.urls.wall : `${this.config.urls.wall}?tour=${this.draft.id}`;
  }

  #chooser() {
    if (this.tours.length === 0) return '';
    return html`<select aria-label=${t('tours.choose')} data-testid="tour-choose" @change=${(event) => this.#choose(event.target)}>
      <option value="new" ?selected=${this.draft.id === null}>${t('tours.new')}</option>
      ${this.tours.map(({ id, name }) => html`<option value=${id} ?selected=${id === this.draft.id}>${name}</option>`)}</select>`;
  }

  /** Go to another tour; where somebody stays with this one, it is this one that the list says. */
  #choose(list) {
    const { value } = list;
    list.value = this.draft.id ?? 'new';
    location.assign(`?edit=${value}`);
  }

  // --- stops -------------------------------------------------------------------------------------------------

  #adding() {
    const full = this.draft.stops.length >= MOST_STOPS;
    return html`
      <div class="tour-adding">
        <input type="search" placeholder=${t('tours.search')} aria-label=${t('tours.search')} ?disabled=${full} data-testid="tour-search"
          @input=${(event) => this.#look(event.target.value)}>
        <button type="button" ?disabled=${full} data-testid="tour-here" @click=${() => this.#here()}><shapan-icon name="crosshair"></shapan-icon>${t('tours.here')}</button>
        ${this.found === null ? '' : html`<ul class="tour-found" data-testid="tour-found">${this.found.length === 0
          ? html`<li class="hint">${t('tours.none')}</li>`
          : this.found.map((one) => html`<li><button type="button" class="quiet" @click=${() => this.#add(one)}><b>${one.label}</b><span>${
            t(`tours.kind.${one.kind}`)}${one.area_name && one.area_name !== one.label ? ` · ${one.area_name}` : ''}</span></button></li>`)}</ul>`}
      </div>`;
  }

  #look(text) {
    clearTimeout(this.#timer);
    const question = text.trim();
    if (question.length < SHORTEST) {
      this.found = null;
      return;
    }
    this.#timer = setTimeout(() => this.#find(question), PAUSE);
  }

  async #find(question) {
    const mine = this.#asked += 1;
    try {
      const { results } = await requestJson(`${this.config.urls.search}?${new URLSearchParams({ q: question, kinds: 'area,grid,building', limit: FOUND })}`);
      if (mine === this.#asked) this.found = results;
    } catch (error) {
      this.#fail(error);
    }
  }

  #add(found) {
    const stop = stopAt(found);
    this.#edit(add(this.draft, stop));
    this.found = null;
    this.querySelector('.tour-adding input').value = '';
    this.actions.showStop(stop);
  }

  #here() {
    const camera = this.actions.map.view();
    if (camera !== null) this.#edit(add(this.draft, stopHere(camera, t('tours.view', { count: this.draft.stops.length + 1 }))));
  }

  #stop(stop, at) {
    const { draft } = this;
    const button = (name, icon, action, disabled = false) => html`<button type="button" class="quiet" title=${t(`tours.${name}`)} aria-label=${t(`tours.${name}`)}
      ?disabled=${disabled} data-testid="stop-${name}" @click=${action}><shapan-icon name=${icon}></shapan-icon></button>`;
    return html`
      <li ?data-gone=${stop.gone} data-testid="tour-stop">
        <span class="tour-at">${number(at + 1)}</span>
        <input type="text" class="tour-title" maxlength=${MOST_CHARACTERS} .value=${stop.title} placeholder=${stop.name ?? ''} aria-label=${t('tours.stop.title')}
          @input=${(event) => this.#edit(change(draft, at, { title: event.target.value }))}>
        <span class="tour-order">${button('up', 'up', () => this.#edit(move(draft, at, -1)), at === 0)}${
          button('down', 'down', () => this.#edit(move(draft, at, 1)), at === draft.stops.length - 1)}${
          button('remove', 'close', () => this.#edit(remove(draft, at)))}</span>
        <span class="tour-what">${stop.gone ? html`<b class="tag">${t('tours.gone')}</b>` : t(`tours.target.${stop.target.level ?? stop.target.kind}`)}</span>
        <select aria-label=${t('tours.show')} @change=${(event) => this.#edit(change(draft, at, { show: event.target.value }))}>${
          Object.keys(SHOWS).map((show) => html`<option value=${show} ?selected=${show === stop.show}>${t(`tours.show.${show}`)}</option>`)}</select>
        <label class="tour-seconds"><input type="number" min=${SECONDS.least} max=${SECONDS.most} step="1" .value=${String(stop.seconds)} aria-label=${t('tours.seconds')}
          @input=${(event) => this.#edit(change(draft, at, { seconds: event.target.valueAsNumber }))}>${t('tours.seconds')}</label>
        <span class="tour-go">${button('go', 'eye', () => this.actions.showStop(stop), stop.gone)}${
          button('take', 'crosshair', () => this.#retake(at))}</span>
      </li>`;
  }

  /** Let a stop stand at the present view. */
  #retake(at) {
    const camera = this.actions.map.view();
    if (camera !== null) this.#edit(change(this.draft, at, { camera, bounds: null, gone: false, target: { kind: 'view', camera } }));
  }

  #try() {
    this.trying = !this.trying;
    this.actions.trying = this.trying;
    if (this.trying) this.actions.tours.try(this.draft);
  }

  // --- on record -----------------------------------------------------------------------------------------------

  async #save({ over = false } = {}) {
    const wrong = faults(this.draft);
    if (wrong.length > 0) {
      this.said = { kind: 'bad', words: wrong.map((key) => t(key)).join(' '), faults: [] };
      return;
    }
    this.busy = true;
    try {
      const { urls } = this.config;
      const { id } = this.draft;
      if (over) this.draft = { ...this.draft, version: (await requestJson(address(urls.tour, { id }))).version };
      const saved = await requestJson(id === null ? urls.tours : address(urls.tour, { id }), { method: id === null ? 'POST' : 'PUT', body: bodyOf(this.draft) });
      this.#take(saved);
      this.tours = id === null ? [...this.tours, saved] : this.tours.map((one) => (one.id === id ? saved : one));
      if (id === null) history.replaceState(null, '', `?edit=${saved.id}`);
      this.said = { kind: 'good', words: t('tours.saved'), faults: [] };
    } catch (error) {
      this.#fail(error);
    } finally {
      this.busy = false;
    }
  }

  async #delete() {
    if (this.said?.kind !== 'delete') {
      this.said = { kind: 'delete', words: t('tours.delete.sure'), faults: [] };
      return;
    }
    this.busy = true;
    try {
      await requestJson(address(this.config.urls.tour, { id: this.draft.id }), { method: 'DELETE' });
      this.#take(NEW);
      location.assign('?edit=new');
    } catch (error) {
      this.#fail(error);
    } finally {
      this.busy = false;
    }
  }

  async #reread() {
    try {
      this.#take(await requestJson(address(this.config.urls.tour, { id: this.draft.id })));
      this.said = null;
    } catch (error) {
      this.#fail(error);
    }
  }

  #said() {
    const { said } = this;
    if (said === null) {
      const { updated_at: at, account } = this.draft;
      return at ? html`<p class="hint">${t('tours.by', { account: account ?? '—', time: shortDateTime(at, this.config.timeZone) })}</p>` : '';
    }
    return html`<div class="tour-said" role="alert" data-testid="tour-said" data-kind=${said.kind}><p>${said.words}</p>
      ${said.faults.slice(0, 4).map((words) => html`<p class="hint">${words}</p>`)}
      ${said.kind === 'conflict' ? html`<p><button type="button" data-testid="tour-reread" @click=${() => this.#reread()}>${t('tours.reread')}</button>
        <button type="button" data-testid="tour-over" @click=${() => this.#save({ over: true })}>${t('tours.over')}</button></p>` : ''}</div>`;
  }
}
customElements.define('shapan-tour-editor', TourEditor);
