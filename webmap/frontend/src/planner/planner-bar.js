/** Over the page: which plan, its state, who draws, and the steps that it may take. */
import { html } from 'lit';
import { hourMinute } from '../format.js';
import { t } from '../i18n/index.js';
import { accountMenu, brand, clockAndLanguage, pageLink } from '../panels/bar.js';
import { Panel } from '../panels/panel.js';
import { leaseState, WAY } from './plan-terms.js';

class PlannerBar extends Panel {
  static topics = ['plan', 'work', 'planner', 'account'];

  static interval = 1000;

  render() {
    const { config, actions, store } = this;
    const { plan, work } = store.state;
    return html`
      ${brand('land', t('planner.place'))}
      ${plan ? html`<button type="button" class="quiet" data-testid="to-list" @click=${() => actions.close()}>${t('planner.list')}</button>
        <div class="plan-title"><b>${plan.community.name}</b><span>${plan.title}</span></div>
        ${this.#way(plan)} ${this.#lease(plan)}
        <div class="plan-steps" data-testid="steps" data-state=${plan.state}>${this.#steps(plan, work.busy !== null)}</div>` : ''}
      <div class="status">
        ${pageLink('sandbox', 'tilt', config.urls.sandbox)}
        ${accountMenu(this)}
        ${clockAndLanguage(store.now(), config.timeZone, actions)}
      </div>`;
  }

  #way(plan) {
    const at = WAY.indexOf(plan.state);
    if (at < 0) return html`<span class="plan-ended" data-testid="state">${t(`planner.state.${plan.state}`)}</span>`;
    return html`<ol class="plan-way" data-testid="state" aria-label=${t('planner.way')}>
      ${WAY.filter((state) => state !== 'scheduled' || plan.state === 'scheduled').map((state) => html`
        <li ?data-done=${WAY.indexOf(state) < at} aria-current=${state === plan.state ? 'step' : 'false'}>${t(`planner.state.${state}`)}</li>`)}</ol>`;
  }

  #sheet(button) {
    button.closest('details').open = false;
    this.actions.paper.open();
  }

  #lease(plan) {
    if (plan.state !== 'draft') return '';
    const now = this.store.now();
    const who = leaseState(plan.lease, now);
    const until = plan.lease ? hourMinute(Date.parse(plan.lease.until), this.config.timeZone) : '';
    return html`<span class="plan-lease" data-testid="lease" data-who=${who}>
      <shapan-icon name="pencil"></shapan-icon>${t(`planner.lease.${who}`, { by: plan.lease?.by ?? '', until })}
      ${who === 'free' && plan.can.edit ? html`<button type="button" class="primary" data-testid="draw" @click=${() => this.actions.draw()}>${t('planner.draw')}</button>` : ''}
      ${who === 'mine' ? html`<button type="button" class="quiet" data-testid="stop-drawing" @click=${() => this.actions.stopDrawing()}>${t('planner.stop')}</button>` : ''}
    </span>`;
  }

  #steps(plan, busy) {
    const { can } = plan;
    const button = (name, run, primary = false) => html`<button type="button" class=${primary ? 'primary' : ''} data-testid=${`step-${name}`} ?disabled=${busy} @click=${run}>${t(`planner.step.${name}`)}</button>`;
    const step = (name) => () => this.actions.step(name);
    const ask = (name) => () => this.actions.askAbout(name);
    return [
      can.submit ? button('submit', step('submit'), true) : '',
      can.withdraw ? button('withdraw', step('withdraw')) : '',
      can.reject ? button('reject', ask('reject')) : '',
      can.approve ? button('approve', step('approve'), true) : '',
      plan.state === 'submitted' && !can.approve ? html`<span class="soft">${t('planner.eyes')}</span>` : '',
      can.publish && plan.state === 'approved' ? button('publish', ask('publish'), true) : '',
      can.unschedule ? button('unschedule', step('unschedule')) : '',
      can.discard ? button('discard', ask('discard')) : '',
      html`<details class="export" data-testid="export"><summary class="page-link"><shapan-icon name="download"></shapan-icon><span>${t('planner.export')}</span></summary>
        <div class="panel"><button type="button" class="quiet" data-testid="open-sheet" @click=${({ target }) => this.#sheet(target)}>${t('planner.export.sheet')}</button>${['gpkg', 'zip', 'geojson'].map((form) => html`<a href=${`${this.config.urls.plan.replace('{id}', plan.id)}/export.${form}`} download>${t(`planner.export.${form}`)}</a>`)}</div></details>`,
    ];
  }
}
customElements.define('shapan-planner-bar', PlannerBar);
