/** 处置: where an alarm stands in its life, and the steps that its state allows. */
import { html, nothing } from 'lit';
import { allowedSteps, FORMS, missing } from '../alarms/alarm-steps.js';
import { isUnacknowledged } from '../alarms/alarm-terms.js';
import { duration, instant, timeOfDay } from '../format.js';
import { alarmKey } from '../alarms/handling.js';
import { t } from '../i18n/index.js';
import { refusal } from './alarm-words.js';
import { stepForm } from './step-form.js';
import { Panel } from './panel.js';

const ICONS = {
  acknowledge: 'check', clear: 'empty', close: 'closed', assign: 'person', 'give-back': 'give-back', comment: 'comment',
  shelve: 'shelve', unshelve: 'unshelve',
};

/** Stages of a life and the time at which each was reached. */
const STAGES = [['acknowledged', 'acknowledged_at'], ['cleared', 'cleared_at'], ['closed', 'closed_at']];

class StepBar extends Panel {
  static properties = { alarm: { attribute: false } };

  static topics = ['dossier', 'alarms'];

  static interval = 1000;

  #fault = null;
  #form = null;

  updated() {
    const { form } = this.store.state.dossier;
    if (form !== null && form !== this.#form) this.querySelector('textarea').focus();
    if (form !== this.#form && this.#fault !== null) {
      this.#fault = null;
      this.requestUpdate();
    }
    this.#form = form;
  }

  render() {
    const { busy, refusals, dossier } = this.store.state;
    const { timeZone } = this.config;
    const { alarm } = this;
    return html`
      <ol class="stages" aria-label=${t('handling.stages')}>
        ${STAGES.map(([stage, at]) => html`<li class=${alarm[at] ? 'done' : ''} data-stage=${stage}>
          <shapan-icon name=${alarm[at] ? 'check' : 'pending'}></shapan-icon><b>${t(`stage.${stage}`)}</b>
          <span>${alarm[at] ? timeOfDay(alarm[at], timeZone) : t('stage.open')}</span></li>`)}
      </ol>
      ${this.#due(alarm)}
      ${this.actions.desk.mayHandle ? this.#bar(alarm, busy.get(alarmKey(alarm.id)), dossier.form)
        : html`<p class="hint">${t('handling.not.permitted')}</p>`}
      ${refusal(refusals.get(alarmKey(alarm.id)), timeZone)}`;
  }

  /** Until when somebody should have acknowledged it. */
  #due(alarm) {
    const seconds = this.store.state.alarmTypes.get(alarm.type)?.response_s;
    if (!seconds || !isUnacknowledged(alarm)) return '';
    const left = instant(alarm.received_at) + seconds * 1000 - this.store.now();
    return left >= 0
      ? html`<p class="due"><shapan-icon name="clock"></shapan-icon>${t('handling.due', { time: duration(left) })}</p>`
      : html`<p class="due late"><shapan-icon name="partial"></shapan-icon>${
        t('handling.overdue', { limit: duration(seconds * 1000), time: duration(-left) })}</p>`;
  }

  #bar(alarm, busy, form) {
    const { next, others } = allowedSteps(alarm);
    const { account } = this.actions.desk;
    return html`
      <div class="step-bar" data-testid="step-bar">
        ${next ? this.#button(next, busy, form, 'primary next-step') : ''}
        ${others.map((step) => (step === 'assign'
          ? html`${alarm.assignee === account ? '' : this.#button('assign', busy, form, '', { assignee: account })}${
            alarm.assignee ? this.#button('give-back', busy, form, '', { assignee: null }) : ''}`
          : this.#button(step, busy, form)))}
      </div>
      ${form === null ? '' : stepForm({
        step: form, hint: t(`handling.note.${form}`), busy: busy === form, fault: this.#fault,
        onSubmit: (said) => this.#submit(form, said), onCancel: () => this.actions.desk.dossier.ask(null),
      })}`;
  }

  #button(name, busy, form, kind = '', body = {}) {
    const step = name === 'give-back' ? 'assign' : name;
    const asks = FORMS.includes(step);
    const act = () => (asks ? this.actions.desk.dossier.ask(form === step ? null : step)
      : this.actions.desk.take(this.alarm.id, step, body));
    return html`<button type="button" class=${kind} data-testid="step-${name}" ?disabled=${busy !== undefined}
      aria-busy=${busy === name} aria-expanded=${asks ? form === step : nothing} @click=${act}>
      ${busy === name ? html`<i class="spinner"></i>` : html`<shapan-icon name=${ICONS[name]}></shapan-icon>`}${
      t(`handling.${name}`)}</button>`;
  }

  #submit(step, { note, minutes }) {
    this.#fault = missing(step, { note });
    this.requestUpdate();
    if (this.#fault !== null) {
      this.querySelector('textarea').focus();
      return;
    }
    const until = step === 'shelve' ? { until: new Date(this.store.now() + minutes * 60_000).toISOString() } : {};
    this.actions.desk.take(this.alarm.id, step, { note: note || null, ...until });
  }
}
customElements.define('shapan-step-bar', StepBar);
