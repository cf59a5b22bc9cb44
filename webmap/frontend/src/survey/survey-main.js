/** What is in hand: the list of buildings, one building, one room, or what stands against the record. */
import { html } from 'lit';
import { passes, toldOpening } from '../access-link.js';
import { language, t } from '../i18n/index.js';
import { Panel, variables } from '../panels/panel.js';
import { conflictsView, needed } from './survey-conflicts.js';
import { formView } from './survey-form.js';
import { clockTime, listed } from './survey-words.js';

/** Good news is read by then, and what it lies on is wanted. */
const GOOD_NEWS_MS = 6_000;

/** A clock that is off by more is said. */
const CLOCK_MS = 5 * 60_000;

class SurveyMain extends Panel {
  static topics = ['page'];

  /** Which try to save was answered by going to the first fault; which view was shown last. */
  #tried = 0;
  #shown = null;
  #said = null;

  render() {
    const { view, notice } = this.store.state;
    // What is said aloud is one place that is always there: it speaks when its words change, and rests else.
    return html`
      ${this.#warnings()}
      <div role="status" aria-live="polite">${notice ? html`<p class="notice" data-kind=${notice.kind} data-testid="notice">${notice.text}</p>` : ''}</div>
      ${this.#view(view)}`;
  }

  updated() {
    const { draft, view } = this.store.state;
    const tried = draft?.tried ?? 0;
    if (tried && tried !== this.#tried) {
      const first = this.querySelector('[aria-invalid="true"]');
      (first?.matches('input') ? first : first?.querySelector('input'))?.focus();
    }
    this.#tried = tried;
    // Where one is now is read from its heading, not from the button that is gone.
    if (this.#shown !== null && this.#shown !== view) {
      const heading = this.querySelector('h2');
      heading?.setAttribute('tabindex', '-1');
      heading?.focus({ preventScroll: true });
      window.scrollTo(0, view.top ?? 0);
    }
    this.#shown = view;
    this.#forgetSoon(this.store.state.notice);
  }

  #forgetSoon(notice) {
    if (notice === this.#said) return;
    this.#said = notice;
    if (notice?.kind !== 'good') return;
    setTimeout(() => {
      if (this.store.state.notice === notice) this.store.set('page', { notice: null });
    }, GOOD_NEWS_MS);
  }

  #view(view) {
    const { day } = this.store.state;
    if (day === null) return this.#nothing();
    const building = view.building === null ? null : this.actions.building(view.building);
    if (view.name === 'conflicts') return conflictsView(this.store.state, this.actions);
    if (view.name === 'form' && building) return formView(building, this.store.state, this.actions, this.config.timeZone);
    if (view.name === 'building' && building) return this.#building(building);
    return this.#list();
  }

  #nothing() {
    const { busy, link, error } = this.store.state;
    return html`<p class="empty" data-testid="empty">${busy ? t('survey.loading') : link === 'closed' ? t('survey.closed') : error?.title ?? t('survey.never')}</p>`;
  }

  #warnings() {
    const { link, linkError, lasting, day, foreign, error, rest } = this.store.state;
    const unsent = this.actions.waiting() + foreign.length;
    const minutes = Math.round((day?.offset ?? 0) / 60_000);
    return [
      link === 'closed' ? html`<p class="notice" data-kind="bad" data-testid="closed"><span role="alert">${linkError
        ? toldOpening(linkError) : t('survey.closed')}</span> ${unsent ? t('survey.closed.kept', { count: unsent }) : ''}</p>` : '',
      link !== 'closed' && linkError && passes(linkError) ? html`<p class="notice" data-kind="bad" data-testid="link-waiting"><span role="alert">${toldOpening(linkError)}</span></p>` : '',
      rest === null ? '' : html`<p class="notice" data-testid="rest">${t('survey.rest', { time: clockTime(rest + (day?.offset ?? 0), this.config.timeZone) })}</p>`,
      link === 'trouble' ? html`<p class="notice" data-kind="bad" data-testid="trouble">${t(error?.title ? 'survey.trouble' : error?.name === 'QuotaExceededError' ? 'survey.trouble.full' : 'survey.trouble.storage')} ${error?.title ?? ''}</p>` : '',
      lasting ? '' : html`<p class="notice" data-kind="bad" data-testid="fleeting">${t('survey.fleeting')}</p>`,
      foreign.length && link !== 'closed' ? html`<p class="notice" data-kind="bad">${t('survey.others.unsent', { count: foreign.length, keeper: foreign[0].keeper })}</p>` : '',
      Math.abs(day?.offset ?? 0) > CLOCK_MS ? html`<p class="notice" data-testid="clock">${t(minutes > 0 ? 'survey.clock.slow' : 'survey.clock.fast', { minutes: Math.abs(minutes) })}</p>` : '',
    ];
  }

  #list() {
    const { day } = this.store.state;
    const all = day.buildings.map((building) => ({ building, ...this.actions.progress(building) })).filter(({ total }) => total);
    const done = all.reduce((sum, one) => sum + one.done, 0);
    const total = all.reduce((sum, one) => sum + one.total, 0);
    const trouble = needed(this.store.state).count;
    return html`
      <section class="today" data-testid="today" data-done=${done} data-total=${total}>
        <div class="figure"><strong>${done}</strong><span>/ ${total} ${t('survey.rooms')}</span></div>
        <i class="share" ${variables({ share: total ? done / total : 0 })}></i>
        <p>${t('survey.read', { time: clockTime(day.read_at, this.config.timeZone) })}${day.cut ? ` · ${t('survey.cut')}` : ''}</p>
      </section>
      ${trouble ? html`<button type="button" class="row bad" data-testid="to-conflicts" data-count=${trouble} @click=${() => this.actions.go('conflicts')}>
        <shapan-icon name="partial"></shapan-icon><span>${t('survey.conflicts', { count: trouble })}</span><shapan-icon name="forward"></shapan-icon></button>` : ''}
      ${all.length === 0 ? html`<p class="empty" data-testid="all-done">${t('survey.all.done')}</p>` : ''}
      <ul class="rows" data-testid="buildings">${all.map(({ building, done: each, total: of, gap }) => html`
        <li><button type="button" class="row" data-building=${building.id} data-done=${each} data-total=${of} @click=${() => this.actions.go('building', { building: building.id })}>
          <span class="what"><b>${building.name}</b>
            <small>${building.units.length ? t('survey.units', { units: listed(building.units) }) : ''}${gap ? ` · ${t('survey.gap', { count: gap })}` : ''}</small></span>
          <span class="share-text" data-whole=${each === of ? 'yes' : 'no'}>${each}/${of}</span><shapan-icon name="forward"></shapan-icon></button></li>`)}
      </ul>
      ${this.#leave()}`;
  }

  #leave() {
    return html`<footer><button type="button" class="quiet" lang=${language() === 'en' ? 'zh-CN' : 'en'} @click=${() => this.actions.switchLanguage()}>${t('language.switch')}</button>
      <button type="button" class="quiet" data-testid="leave" @click=${() => this.actions.leave()}>${t('survey.leave')}</button></footer>`;
  }

  #building(building) {
    const { day } = this.store.state;
    const rooms = this.actions.rooms(building);
    const { done, total, gap } = this.actions.progress(building);
    const units = [...new Set(rooms.map(({ unit }) => unit))];
    return html`
      <section class="today"><h2>${building.name}</h2>
        <div class="figure"><strong>${done}</strong><span>/ ${total} ${t('survey.rooms')}</span></div>
        <i class="share" ${variables({ share: total ? done / total : 0 })}></i></section>
      ${units.map((unit) => html`<h3>${t('survey.unit', { unit })}</h3>
        <ul class="tiles" data-testid="rooms">${rooms.filter((room) => room.unit === unit).map((room) => this.#room(building, room, day.form))}</ul>`)}
      <button type="button" class="row" data-testid="new-room" @click=${() => this.actions.go('form', { building: building.id })}>
        <shapan-icon name="plus"></shapan-icon><span class="what"><b>${t('survey.new')}</b>
          <small>${this.actions.drafts.has(building.id, null) ? t('survey.draft.begun') : gap ? t('survey.gap', { count: gap }) : t('survey.new.hint')}</small></span><shapan-icon name="forward"></shapan-icon></button>`;
  }

  #room(building, room, form) {
    const { state } = room.stands;
    const shown = state === 'conflict' || state === 'refused' ? state : state === 'waiting' ? 'waiting' : room.done ? 'done' : 'due';
    const words = shown === 'due' || (shown === 'waiting' && room.lacks.length)
      ? t('survey.lacks', { fields: listed(form.filter(({ name }) => room.lacks.includes(name)).map(({ label }) => label[language()])) || t('survey.again') })
      : t(`survey.state.${shown}`);
    const begun = this.actions.drafts.has(building.id, room.key, room);
    const icon = { conflict: 'partial', refused: 'error', waiting: 'upload', done: 'check', due: 'pending' }[shown];
    return html`<li><button type="button" class="tile" data-room=${room.number} data-state=${shown} ?data-begun=${begun}
      @click=${() => this.actions.go('form', { building: building.id, key: room.key })}>
      <b><shapan-icon name=${icon}></shapan-icon>${room.number}</b><small>${begun ? t('survey.draft.begun') : words}</small></button></li>`;
  }
}
customElements.define('shapan-survey-main', SurveyMain);
