/** 警情档案: everything that whoever handles an alarm needs, and the steps with it. */
import { html } from 'lit';
import { mostUrgent } from '../alarms/alarm-groups.js';
import { isShelved } from '../alarms/alarm-steps.js';
import { severityOf } from '../alarms/alarm-terms.js';
import { isInside } from '../exploded/exploded-terms.js';
import { ago, dateTime, number, placeInBuilding } from '../format.js';
import { language, t } from '../i18n/index.js';
import { alarmSign } from './alarm-row.js';
import { assigneeWords, clockTag, placeWords, shelfTag, siteWords, STATE_ICONS, typeWords } from './alarm-words.js';
import { cardButtons } from './card-buttons.js';
import { dossierParts } from './dossier-parts.js';
import { Panel } from './panel.js';
import './step-bar.js';
import { timeline } from './timeline.js';

class AlarmDossier extends Panel {
  static topics = ['dossier', 'alarms', 'clock', 'exploded', 'near-lines'];

  static interval = 5000;

  /** The alarm that has the focus, and what had it before. */
  #focused = null;
  #opener = null;

  updated() {
    const { id, alarm, tab } = this.store.state.dossier;
    if (id !== this.#focused) {
      if (this.#focused === null) this.#opener = document.activeElement;
      this.#focused = id;
      if (id !== null) this.querySelector('.dossier')?.focus({ preventScroll: true });
      else if (this.#opener?.isConnected) this.#opener.focus({ preventScroll: true });
    } else if (alarm?.state === 'closed' && tab === 'alarm' && !this.contains(document.activeElement)) {
      // The button that closed it is gone; the way on is where Enter is.
      if (document.activeElement === document.body) this.querySelector('[data-testid="next-alarm"]')?.focus();
    }
  }

  render() {
    const { dossier } = this.store.state;
    if (dossier.status === 'closed' || dossier.tab !== 'alarm') return '';
    const { status, id, alarm, note } = dossier;
    return html`
      <article class="panel card dossier" tabindex="-1" aria-label=${t('dossier.title')} data-testid="alarm-dossier"
        data-status=${status} data-id=${id} data-state=${alarm?.state ?? ''} data-severity=${alarm ? severityOf(alarm) : ''}>
        ${cardButtons(this, 'dossier')}
        ${alarm ? this.#head(alarm, note) : html`<h2>${t('dossier.title')}</h2>`}
        ${this.#body(dossier)}
      </article>`;
  }

  #head(alarm, note) {
    const { timeZone } = this.config;
    const inside = placeInBuilding(alarm);
    return html`
      <header class="dossier-head">
        ${alarmSign(alarm)}
        <div>
          <p class="card-kind"><b class="severity-word">${t(`severity.${severityOf(alarm)}`)}</b>
            <span class="tag state" data-testid="dossier-state"><shapan-icon name=${STATE_ICONS[alarm.state]}></shapan-icon>${
              t(`state.${alarm.state}`)}</span>
            ${isShelved(alarm) ? shelfTag(alarm, timeZone) : ''}
          </p>
          <h2>${typeWords(alarm.type, this.store.state.alarmTypes)}</h2>
          <p class="dossier-place"><b>${siteWords(alarm)}</b>
            ${inside ? html`<b class="inside">${inside}</b>` : ''}${this.#explode(alarm)}</p>
        </div>
      </header>
      <p class="dossier-facts">
        <span title=${t('dossier.occurred')}><shapan-icon name="clock"></shapan-icon><time>${
          dateTime(alarm.occurred_at, timeZone)}</time> · ${ago(alarm.occurred_at, this.store.now())}</span>
        ${alarm.repeats > 1 ? html`<span>${t('alarms.repeats', { count: number(alarm.repeats) })}</span>` : ''}
        ${alarm.clock_doubt ? clockTag() : ''}
        <span><shapan-icon name="person"></shapan-icon>${alarm.assignee
          ? assigneeWords(alarm, this.actions.desk.account) : t('dossier.nobody')}</span>
        ${this.actions.freeze.may ? html`<button type="button" class="quiet freeze" data-testid="freeze-alarm"
          title=${t('freeze.take.alarm.hint')} @click=${() => this.actions.freeze.ask(alarm.id)}>
          <shapan-icon name="handover"></shapan-icon>${t('freeze.take.alarm')}</button>` : ''}
        ${this.#handedOver()}
      </p>
      ${note ? html`<p class="dossier-note" data-testid="dossier-note">${note}</p>` : ''}`;
  }

  /** That it was frozen for the next shift, and whether somebody has taken it over. */
  #handedOver() {
    const handover = this.store.state.dossier.parts?.handover;
    if (!handover || !this.config.urls.handover) return '';
    const { id, accepted_by: account } = handover;
    return html`<a class="tag handed" data-testid="handed-over" href=${`${this.config.urls.handover}/${id}?lang=${language()}`} target="_blank"
      rel="noopener"><shapan-icon name=${account ? 'check' : 'handover'}></shapan-icon>${
        account ? t('freeze.taken', { id: number(id), account }) : t('freeze.handed', { id: number(id) })}</a>`;
  }

  /** The button that takes its building apart, where the alarm says where in it. */
  #explode(alarm) {
    if (!isInside(alarm) || document.documentElement.dataset.webgl === 'none') return '';
    const { exploded } = this.actions;
    const open = exploded.state.id === alarm.building_id;
    const words = t(open ? 'exploded.close' : 'exploded.open');
    return html`<button type="button" class="quiet icon-button explode-here" aria-pressed=${open} title=${words} aria-label=${words}
      data-testid="explode-here" @click=${() => (open ? exploded.collapse() : exploded.open(alarm.building_id))}>
      <shapan-icon name=${open ? 'collapse' : 'apart'}></shapan-icon></button>`;
  }

  #body(dossier) {
    const { status, alarm } = dossier;
    if (status === 'missing' || status === 'forbidden') {
      return html`<div class="trouble" role="alert"><shapan-icon name=${status === 'missing' ? 'file' : 'ban'}></shapan-icon>
        <p><b>${t(`dossier.${status}`)}</b>${t(`dossier.${status}.hint`)}</p></div>`;
    }
    if (alarm === null) return this.#rest(dossier);
    // One template while it is read, was read and could not be read: what is being written in it stays.
    return html`
      ${alarm.state === 'closed' ? this.#next(alarm) : ''}
      ${alarm.state === 'closed' && !this.actions.desk.mayHandle ? '' : this.#steps(alarm)}
      ${this.#advice(alarm)}
      <div class="dossier-scroll">${this.#rest(dossier)}</div>`;
  }

  /** What the server tells beyond the alarm itself. */
  #rest({ status, alarm, parts, steps, error }) {
    if (status === 'loading') {
      return html`<div role="status" class="card-skeleton"><p class="hint">${t('dossier.loading')}</p>
        <div class="skeleton wide"></div><div class="skeleton"></div><div class="skeleton block"></div></div>`;
    }
    if (status === 'failed') {
      const steppable = alarm !== null && this.actions.desk.mayHandle;
      return html`<div class="trouble" role="alert"><shapan-icon name="error"></shapan-icon>
        <p><b>${t('dossier.failed')}</b>${steppable ? t('dossier.failed.steps') : ''}
          ${[error.title, error.detail, error.cure].filter(Boolean).map((words) => html`<span>${words}</span>`)}</p>
        <button type="button" data-testid="dossier-retry" @click=${() => this.actions.desk.dossier.retry()}>${
          t('card.retry')}</button></div>`;
    }
    return html`<div class="dossier-parts">${dossierParts(this, parts)}${timeline(steps, this.config.timeZone)}</div>`;
  }

  #steps(alarm) {
    return html`<shapan-step-bar .store=${this.store} .actions=${this.actions} .config=${this.config}
      .alarm=${alarm}></shapan-step-bar>`;
  }

  #advice({ type, state }) {
    const known = this.store.state.alarmTypes.get(type);
    const advice = language() === 'en' ? known?.advice_en : known?.advice;
    if (!advice || state === 'closed') return '';
    return html`<div class="advice" data-testid="advice"><shapan-icon name="advice"></shapan-icon>
      <p><b>${t('dossier.advice')}</b>${advice}</p></div>`;
  }

  /** It is closed: what needs somebody now. */
  #next(alarm) {
    const next = mostUrgent(this.store.alarms.values(), [alarm.id]);
    if (next === null) {
      return html`<div class="onward" role="status" data-testid="all-done"><shapan-icon name="empty"></shapan-icon>
        <p><b>${t('dossier.closed')}</b> ${t('dossier.next.none')}</p></div>`;
    }
    return html`<div class="onward" role="status"><shapan-icon name="closed"></shapan-icon>
      <p><b>${t('dossier.closed')}</b></p>
      <button type="button" class="primary" data-testid="next-alarm" data-next-id=${next.id}
        @click=${() => this.actions.opening.flyToAlarm(next)}><span>${t('dossier.next')}</span>
        <b>${typeWords(next.type, this.store.state.alarmTypes)}</b><span class="onward-place">${placeWords(next)}</span>
        <shapan-icon name="next"></shapan-icon></button></div>`;
  }
}
customElements.define('shapan-alarm-dossier', AlarmDossier);
