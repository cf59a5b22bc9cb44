/** What is in hand: the list of buildings, one building, one room, or what stands against the record. */
import { html } from 'lit';
import { told } from '../access-link.js';
import { language, t } from '../i18n/index.js';
import { Panel, variables } from '../panels/panel.js';
import { progress, roomsOf, troubled } from './forms.js';
import { conflictsView } from './survey-conflicts.js';
import { formView } from './survey-form.js';

/** A clock that is off by more is said. */
const CLOCK_MS = 5 * 60_000;

class SurveyMain extends Panel {
  static topics = ['page'];

  render() {
    const { view, notice } = this.store.state;
    return html`
      ${this.#warnings()}
      ${notice ? html`<p class="notice" role="status" data-kind=${notice.kind} data-testid="notice">${notice.text}</p>` : ''}
      ${this.#view(view)}`;
  }

  #view(view) {
    const { day } = this.store.state;
    if (day === null) return this.#nothing();
    const building = view.building === null ? null : this.actions.building(view.building);
    if (view.name === 'conflicts') return conflictsView(this.store.state, this.actions);
    if (view.name === 'form' && building) return formView(building, this.store.state, this.actions);
    if (view.name === 'building' && building) return this.#building(building);
    return this.#list();
  }

  #nothing() {
    const { busy, link, error } = this.store.state;
    return html`<p class="empty" data-testid="empty">${busy ? t('survey.loading') : link === 'closed' ? t('survey.closed') : error?.title ?? t('survey.never')}</p>`;
  }

  #warnings() {
    const { link, lasting, day, foreign, error } = this.store.state;
    const unsent = this.actions.waiting() + foreign.length;
    const minutes = Math.round((day?.offset ?? 0) / 60_000);
    return [
      link === 'closed' ? html`<p class="notice" data-kind="bad" role="alert" data-testid="closed">${this.actions.linkError
        ? told(this.actions.linkError) : t('survey.closed')} ${unsent ? t('survey.closed.kept', { count: unsent }) : ''}</p>` : '',
      link === 'trouble' ? html`<p class="notice" data-kind="bad" data-testid="trouble">${t(error?.title ? 'survey.trouble' : error?.name === 'QuotaExceededError' ? 'survey.trouble.full' : 'survey.trouble.storage')} ${error?.title ?? ''}</p>` : '',
      lasting ? '' : html`<p class="notice" data-kind="bad" data-testid="fleeting">${t('survey.fleeting')}</p>`,
      foreign.length && link !== 'closed' ? html`<p class="notice" data-kind="bad">${t('survey.others.unsent', { count: foreign.length, keeper: foreign[0].keeper })}</p>` : '',
      Math.abs(day?.offset ?? 0) > CLOCK_MS ? html`<p class="notice" data-testid="clock">${t(minutes > 0 ? 'survey.clock.slow' : 'survey.clock.fast', { minutes: Math.abs(minutes) })}</p>` : '',
    ];
  }

  #list() {
    const { day, items, others, refused } = this.store.state;
    const all = day.buildings.map((building) => ({ building, ...progress(building, day.form, items) }));
    const done = all.reduce((sum, one) => sum + one.done, 0);
    const total = all.reduce((sum, one) => sum + one.total, 0);
    const trouble = troubled(items).length + others.length + refused.length;
    return html`
      <section class="today" data-testid="today" data-done=${done} data-total=${total}>
        <div class="figure"><strong>${done}</strong><span>/ ${total} ${t('survey.rooms')}</span></div>
        <i class="share" ${variables({ share: total ? done / total : 0 })}></i>
        <p>${t('survey.read', { time: this.#time(day.read_at) })}${day.cut ? ` · ${t('survey.cut')}` : ''}</p>
      </section>
      ${trouble ? html`<button type="button" class="row bad" data-testid="to-conflicts" data-count=${trouble} @click=${() => this.actions.go('conflicts')}>
        <shapan-icon name="partial"></shapan-icon><span>${t('survey.conflicts', { count: trouble })}</span><shapan-icon name="forward"></shapan-icon></button>` : ''}
      ${all.length === 0 ? html`<p class="empty" data-testid="all-done">${t('survey.all.done')}</p>` : ''}
      <ul class="rows" data-testid="buildings">${all.map(({ building, done: each, total: of, gap }) => html`
        <li><button type="button" class="row" data-building=${building.id} data-done=${each} data-total=${of} @click=${() => this.actions.go('building', { building: building.id })}>
          <span class="what"><b>${building.name}</b>
            <small>${building.units.length ? t('survey.units', { units: building.units.join('、') }) : ''}${gap ? ` · ${t('survey.gap', { count: gap })}` : ''}</small></span>
          <span class="share-text" data-whole=${each === of ? 'yes' : 'no'}>${each}/${of}</span><shapan-icon name="forward"></shapan-icon></button></li>`)}
      </ul>
      ${this.#leave()}`;
  }

  #leave() {
    return html`<footer><button type="button" class="quiet" lang=${language() === 'en' ? 'zh-CN' : 'en'} @click=${() => this.actions.switchLanguage()}>${t('language.switch')}</button>
      <button type="button" class="quiet" data-testid="leave" @click=${() => this.actions.leave()}>${t('survey.leave')}</button></footer>`;
  }

  #building(building) {
    const { day, items } = this.store.state;
    const rooms = roomsOf(building, day.form, items);
    const { done, total, gap } = progress(building, day.form, items);
    const units = [...new Set(rooms.map(({ unit }) => unit))];
    return html`
      <section class="today"><h2>${building.name}</h2>
        <div class="figure"><strong>${done}</strong><span>/ ${total} ${t('survey.rooms')}</span></div>
        <i class="share" ${variables({ share: total ? done / total : 0 })}></i></section>
      ${units.map((unit) => html`<h3>${t('survey.unit', { unit })}</h3>
        <ul class="tiles" data-testid="rooms">${rooms.filter((room) => room.unit === unit).map((room) => this.#room(building, room, day.form))}</ul>`)}
      <button type="button" class="row" data-testid="new-room" @click=${() => this.actions.go('form', { building: building.id })}>
        <shapan-icon name="plus"></shapan-icon><span class="what"><b>${t('survey.new')}</b>
          <small>${gap ? t('survey.gap', { count: gap }) : t('survey.new.hint')}</small></span><shapan-icon name="forward"></shapan-icon></button>`;
  }

  #room(building, room, form) {
    const { state } = room.stands;
    const shown = state === 'conflict' || state === 'refused' ? state : state === 'waiting' ? 'waiting' : room.done ? 'done' : 'due';
    const words = shown === 'due' || (shown === 'waiting' && room.lacks.length)
      ? t('survey.lacks', { fields: form.filter(({ name }) => room.lacks.includes(name)).map(({ label }) => label[language()]).join('、') || t('survey.again') })
      : t(`survey.state.${shown}`);
    const icon = { conflict: 'partial', refused: 'error', waiting: 'upload', done: 'check', due: 'pending' }[shown];
    return html`<li><button type="button" class="tile" data-room=${room.number} data-state=${shown}
      @click=${() => this.actions.go('form', { building: building.id, key: room.key })}>
      <b><shapan-icon name=${icon}></shapan-icon>${room.number}</b><small>${words}</small></button></li>`;
  }

  #time(ms) {
    return new Intl.DateTimeFormat(language(), { timeZone: this.config.timeZone, hour: '2-digit', minute: '2-digit', month: 'numeric', day: 'numeric' }).format(ms);
  }
}
customElements.define('shapan-survey-main', SurveyMain);
