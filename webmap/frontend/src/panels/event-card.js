/** 事件卡片: one event: what, where, whose, until when, what was done. What people wrote is only text. */
import { html } from 'lit';
import { ago, dateTime, duration, instant, number, shortDateTime } from '../format.js';
import { t, named } from '../i18n/index.js';
import { accountWords } from './alarm-words.js';
import { cardButtons } from './card-buttons.js';
import { Panel } from './panel.js';
import { todayTag } from './past-words.js';

const STATE_ICONS = { open: 'pending', dispatched: 'next', accepted: 'person', rejected: 'give-back', done: 'check', closed: 'closed' };

class EventCard extends Panel {
  static topics = ['event', 'past'];

  static interval = 15_000;

  render() {
    const { status, id, event, error } = this.store.state.event;
    if (status === 'closed') return '';
    return html`
      <article class="panel card event-card" tabindex="-1" aria-label=${t('event.title')} data-testid="event-card" data-status=${status} data-id=${id}>
        ${cardButtons(this, 'event')}
        ${status === 'open' ? this.#event(event) : this.#other(status, error)}
      </article>`;
  }

  #other(status, error) {
    if (status === 'loading') {
      return html`<div role="status" aria-label=${t('event.loading')} class="card-skeleton">
        <div class="skeleton wide"></div><div class="skeleton"></div><div class="skeleton block"></div></div>`;
    }
    if (status === 'missing' || status === 'forbidden') return html`<h2>${t(`event.${status}`)}</h2><p class="hint">${t(`event.${status}.hint`)}</p>`;
    return html`<h2>${t('event.failed')}</h2><p class="hint">${[error.title, error.detail, error.cure].filter(Boolean).join(' ')}</p>
      <button type="button" data-testid="event-retry" @click=${() => this.actions.eventCard.retry()}>${t('card.retry')}</button>`;
  }

  #event(event) {
    const { timeZone } = this.config;
    const kind = named({ name: event.class_name, name_en: event.class_name_en }) || event.class_code;
    const facts = [
      ['origin', t(`origin.${event.origin}`)],
      ['occurred', html`<time title=${ago(event.occurred_at, this.store.now())}>${dateTime(event.occurred_at, timeZone).slice(0, 16)}</time>`],
      ['place', event.place ?? event.grid_code],
      ['grid', event.grid_code],
      ['keeper', event.keeper_name ?? t('card.keeper.none')],
      ...(event.held ? [['held', t(`held.${event.held}`)]] : []),
    ];
    return html`
      <header>
        <p class="card-kind"><shapan-icon name="comment"></shapan-icon>${kind}<code>${event.code}</code>${this.store.state.past.on ? todayTag() : ''}</p>
        <h2 data-testid="event-heading">${event.title ?? kind}</h2>
        <p class="event-state"><span class="tag state" data-testid="event-state" data-state=${event.state}><shapan-icon name=${STATE_ICONS[event.state] ?? 'pending'}></shapan-icon>${
          t(`event.state.${event.state}`)}</span>${event.overdue ? html`<span class="tag overdue" data-testid="event-overdue"><shapan-icon name="clock"></shapan-icon>${
          t('event.overdue', { time: duration(this.store.now() - instant(event.due_at)) })}</span>` : ''}</p>
      </header>
      <dl class="facts">${facts.map(([name, value]) => html`<div><dt>${t(`event.${name}`)}</dt><dd data-testid="event-${name}">${value}</dd></div>`)}</dl>
      ${this.#deadlines(event)}
      ${this.#tasks(this.store.state.event.tasks)}
      ${this.#steps(this.store.state.event.steps)}
      <button type="button" @click=${() => this.actions.opening.flyToEvent(event)}>${t('event.fly')}</button>`;
  }

  #deadlines(event) {
    const { timeZone } = this.config;
    const lines = [['accept_by', event.accept_by, event.accepted_at], ['deadline', event.deadline, event.done_at]].filter(([, until]) => until);
    if (lines.length === 0) return '';
    const words = (until, done) => (done ? t(instant(done) <= instant(until) ? 'event.in.time' : 'event.late', { time: shortDateTime(done, timeZone) })
      : instant(until) < this.store.now() ? t('event.overdue', { time: duration(this.store.now() - instant(until)) })
        : t('event.left', { time: duration(instant(until) - this.store.now()) }));
    return html`<dl class="facts">${lines.map(([name, until, done]) => html`<div><dt>${t(`event.${name}`)}</dt>
      <dd data-testid="event-${name}">${shortDateTime(until, timeZone)} <small>${words(until, done)}</small></dd></div>`)}</dl>`;
  }

  #tasks(tasks) {
    if (!tasks?.length) return '';
    return html`<section><h3>${t('event.tasks')}</h3><ul class="event-tasks" data-testid="event-tasks">${tasks.map((task) => html`
      <li><b>${t(`task.state.${task.state}`)}</b> ${task.keeper_name ?? t('card.keeper.none')} · ${
        t('task.due', { time: shortDateTime(task.due_at, this.config.timeZone) })}${task.result ? html`<p class="said">${task.result}</p>` : ''}</li>`)}</ul></section>`;
  }

  #steps(steps) {
    const { timeZone } = this.config;
    if (steps.length === 0) return html`<p class="hint">${t('event.steps.none')}</p>`;
    return html`<section><h3>${t('event.steps', { count: number(steps.length) })}</h3>
      <ol class="timeline" data-testid="event-steps">${[...steps].reverse().map((step) => html`<li data-step=${step.step}>
        <time title=${dateTime(step.at, timeZone)}>${shortDateTime(step.at, timeZone)}</time>
        <div><p><b>${t(`event.step.${step.step}`)}</b> <span class="who">${step.account === 'shapan' ? t('account.system') : accountWords(step.account)}</span></p>
          ${step.note ? html`<p class="said">${step.note}</p>` : ''}</div></li>`)}</ol></section>`;
  }
}
customElements.define('shapan-event-card', EventCard);
