/** 今日事件 by state, what is overdue, and keepers on duty. */
import { html } from 'lit';
import { number } from '../../format.js';
import { t } from '../../i18n/index.js';
import { variables } from '../../panels/panel.js';
import { EVENT_STATES } from '../figures.js';
import { Block } from './wall-block.js';
import { changeWords, figure, spark } from './wall-figure.js';

class WallEvents extends Block {
  render() {
    const { figures } = this;
    const today = figures.trend(['events_today']);
    const states = EVENT_STATES.map((state) => ({ state, count: figures.value(`events_today_${state}`) }))
      .filter(({ state, count }) => count > 0 || ['open', 'accepted', 'done'].includes(state));
    const whole = Math.max(1, today.value ?? 1);
    return html`${this.block('events', html`
      <div class="wall-parts" aria-hidden="true">${states.filter(({ count }) => count > 0).map(({ state, count }) => (
        html`<i data-state=${state} ${variables({ share: count / whole })}></i>`))}</div>
      <dl class="wall-states">${states.map(({ state, count }) => html`<div data-state=${state}><dt>${t(`event.state.${state}`)}</dt>
        <dd data-testid="events-${state}" data-value=${count ?? ''}>${number(count)}</dd></div>`)}</dl>
      <p class="wall-was">${spark(today)}<span>${changeWords(today)}</span></p>`,
    html`<span class="wall-total" data-testid="events-today" data-value=${today.value ?? ''}><b>${number(today.value)}</b></span>`)}
      <section class="wall-block wall-pair" aria-label=${t('wall.overdue')}><dl>
        <div class="wall-figure" data-figure="overdue" ?data-late=${figures.sum(['events_overdue', 'tasks_overdue']) > 0}>
          <dt><shapan-icon name="clock"></shapan-icon>${t('wall.overdue')}</dt>
          <dd data-testid="figure-overdue" data-value=${figures.sum(['events_overdue', 'tasks_overdue']) ?? ''}>${number(figures.sum(['events_overdue', 'tasks_overdue']))}</dd>
          <dd class="wall-change">${t('wall.overdue.parts', { events: number(figures.value('events_overdue')), tasks: number(figures.value('tasks_overdue')) })}</dd>
        </div>
        ${figure('keepers', figures.trend(['keepers_on_duty']))}
      </dl></section>`;
  }
}
customElements.define('shapan-wall-events', WallEvents);
