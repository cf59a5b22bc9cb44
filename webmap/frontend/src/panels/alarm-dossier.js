/** 警情档案: everything that whoever handles an alarm needs, and the steps with it. */
import { html } from 'lit';
import { mostUrgent } from '../alarm-groups.js';
import { isShelved } from '../alarm-steps.js';
import { severityOf } from '../alarm-terms.js';
import { ago, dateTime, number, placeInBuilding, timeOfDay } from '../format.js';
import { language, t } from '../i18n/index.js';
import { alarmSign } from './alarm-row.js';
import './step-bar.js';
import { placeWords, STATE_ICONS, typeWords } from './alarm-words.js';
import { dossierParts } from './dossier-parts.js';
import { Panel } from './panel.js';
import { timeline } from './timeline.js';

class AlarmDossier extends Panel {
  static topics = ['dossier', 'alarms', 'clock'];

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
    const title = alarm ? typeWords(alarm.type, this.store.state.alarmTypes) : t('dossier.title');
    return html`
      <article class="panel card dossier" tabindex="-1" aria-label=${t('dossier.title')} data-testid="alarm-dossier"
        data-status=${status} data-id=${id} data-state=${alarm?.state ?? ''} data-severity=${alarm ? severityOf(alarm) : ''}>
        <button type="button" class="quiet icon-button close" title=${t('card.close')} aria-label=${t('card.close')}
          data-testid="dossier-close" @click=${() => this.actions.closeCard()}><shapan-icon name="close"></shapan-icon></button>
        ${alarm ? this.#head(alarm, title, note) : ''}
        ${this.#body(dossier)}
      </article>`;
  }

  #head(alarm, title, note) {
    const { timeZone } = this.config;
    const { account } = this.actions.desk;
    const inside = placeInBuilding(alarm);
    return html`
      <header class="dossier-head">
        ${alarmSign(alarm)}
        <div>
          <p class="card-kind"><b class="severity-word">${t(`severity.${severityOf(alarm)}`)}</b>
            <span class="tag state" data-testid="dossier-state"><shapan-icon name=${STATE_ICONS[alarm.state]}></shapan-icon>${
              t(`state.${alarm.state}`)}</span>
            ${isShelved(alarm) ? html`<span class="tag" data-testid="dossier-shelved"><shapan-icon name="shelve"></shapan-icon>${
              t('alarms.back', { time: timeOfDay(alarm.shelved_until, timeZone).slice(0, 5) })}</span>` : ''}
          </p>
          <h2 data-testid="dossier-title">${title}</h2>
          <p class="dossier-place" data-testid="dossier-place"><b>${
            alarm.building_name || alarm.address || alarm.building_code || alarm.device_name || t('alarms.noplace')}</b>
            ${inside ? html`<b class="inside">${inside}</b>` : ''}</p>
        </div>
      </header>
      <p class="dossier-facts">
        <span title=${t('dossier.occurred')}><shapan-icon name="clock"></shapan-icon><time>${
          dateTime(alarm.occurred_at, timeZone)}</time> · ${ago(alarm.occurred_at, this.store.now())}</span>
        ${alarm.repeats > 1 ? html`<span>${t('alarms.repeats', { count: number(alarm.repeats) })}</span>` : ''}
        ${alarm.clock_doubt ? html`<span title=${t('alarms.clock.hint')}><shapan-icon name="partial"></shapan-icon>${
          t('alarms.clock')}</span>` : ''}
        <span data-testid="dossier-assignee"><shapan-icon name="person"></shapan-icon>${alarm.assignee
          ? (alarm.assignee === account ? t('alarms.mine') : alarm.assignee) : t('dossier.nobody')}</span>
      </p>
      ${note ? html`<p class="dossier-note" data-testid="dossier-note">${note}</p>` : ''}`;
  }

  #body({ status, alarm, parts, steps, error }) {
    const skeleton = html`<div role="status" aria-label=${t('dossier.loading')} class="card-skeleton">
      <div class="skeleton wide"></div><div class="skeleton"></div><div class="skeleton block"></div></div>`;
    if (status === 'missing') return html`<h2>${t('dossier.missing')}</h2><p class="hint">${t('dossier.missing.hint')}</p>`;
    if (status === 'failed') {
      return html`${alarm ? this.#steps(alarm) : ''}
        <section><h3>${t('dossier.failed')}</h3>
        <p class="hint bad">${error.title} ${error.detail} ${error.cure}</p>
        <button type="button" data-testid="dossier-retry" @click=${() => this.actions.desk.dossier.retry()}>${
          t('card.retry')}</button></section>`;
    }
    if (alarm === null) return skeleton;
    return html`
      ${alarm.state === 'closed' ? this.#next(alarm) : ''}
      ${alarm.state === 'closed' && !this.actions.desk.mayHandle ? '' : this.#steps(alarm)}
      ${this.#advice(alarm)}
      <div class="dossier-scroll">${status === 'loading' ? skeleton : html`${dossierParts(this, parts)}
        ${timeline(steps, this.config.timeZone)}`}</div>`;
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
        @click=${() => this.actions.flyToAlarm(next)}><span>${t('dossier.next')}</span>
        <b>${typeWords(next.type, this.store.state.alarmTypes)}</b><span class="onward-place">${placeWords(next)}</span>
        <shapan-icon name="next"></shapan-icon></button></div>`;
  }
}
customElements.define('shapan-alarm-dossier', AlarmDossier);
