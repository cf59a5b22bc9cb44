/** Drafts that the server makes (自动划分): what is asked for, how even the grids would be, which one is taken. */
import { html } from 'lit';
import { number } from '../format.js';
import { t } from '../i18n/index.js';
import { Panel, variables } from '../panels/panel.js';
import { balanceOf, rangeOf, triedOf } from './plan-terms.js';

const METHODS = ['metis', 'kahip'];
const BY = ['target', 'count'];

class PlanDraft extends Panel {
  static topics = ['drafting', 'plan', 'work', 'planner'];

  render() {
    const { drafting, plan, work, planner } = this.store.state;
    if (drafting === null || plan === null) return '';
    const { draft } = this.actions;
    const busy = work.busy !== null;
    const range = rangeOf(planner.profiles, plan);
    const { list, shown } = triedOf(drafting, plan);
    const choice = (name, value, label, more = '') => html`<label><input type="radio" name=${name} .checked=${drafting[name] === value} @change=${() => draft.say({ [name]: value })}>${label}${more}</label>`;
    const figure = (by) => html`<input type="number" min="1" max=${by === 'count' ? 999 : 100000} required ?disabled=${drafting.by !== by} data-testid=${`draft-${by}`} aria-label=${t(`planner.draft.${by}`)}
      .value=${String(drafting[by])} @input=${({ target }) => draft.say({ [by]: target.value })}>`;
    return html`<form class="panel told-box draft-box" data-testid="draft" @submit=${(event) => this.#send(event)}>
      <b>${t('planner.draft')}</b>
      <p class="soft">${t('planner.draft.what')}</p>
      <fieldset><legend>${t('planner.draft.method')}</legend>${METHODS.map((method) => choice('method', method, t(`planner.draft.method.${method}`)))}</fieldset>
      <fieldset><legend>${t('planner.draft.size')}</legend>${BY.map((by) => choice('by', by, t(`planner.draft.${by}`), figure(by)))}</fieldset>
      ${work.chosen.length ? html`<fieldset><legend>${t('planner.draft.ground')}</legend>
        ${choice('chosen', false, t('planner.draft.all'))}${choice('chosen', true, t('planner.draft.chosen', { count: work.chosen.length }))}</fieldset>` : ''}
      ${shown ? this.#balance(shown.answer, range) : ''}
      ${list.length > 1 ? html`<div class="tried" role="group" aria-label=${t('planner.draft.tried')}>${list.map(({ answer, operation }, index) => {
    const { fewest, most, outside } = balanceOf(answer, range);
    return html`<button type="button" aria-pressed=${String(answer === shown.answer)} data-testid="tried" title=${t(`planner.draft.method.${operation.method}`)} @click=${() => draft.lookAt(index)}>
      ${number(index + 1)}<small>${number(fewest)}–${number(most)}${outside ? ` · ▲${number(outside)}` : ''}</small></button>`;
  })}</div>` : ''}
      <footer><button type="button" class="quiet" @click=${() => draft.close()}>${t('planner.cancel')}</button>
        <button type="submit" class=${shown ? '' : 'primary'} data-testid="draft-try" ?disabled=${busy}>${work.busy === 'auto_draft' ? t('planner.draft.busy') : t(shown ? 'planner.draft.again' : 'planner.draft.try')}</button>
        ${shown ? html`<button type="button" class="primary" data-testid="draft-adopt" ?disabled=${busy} @click=${() => draft.adopt()}>${t('planner.draft.adopt')}</button>` : ''}</footer></form>`;
  }

  #balance(answer, range) {
    const { households, grids, fewest, most, outside } = balanceOf(answer, range);
    const top = Math.max(most, range.most) * 1.05;
    return html`<p data-testid="balance">${t('planner.draft.balance', { grids: number(grids), fewest: number(fewest), most: number(most) })}<span data-outside=${String(outside > 0)}>${outside ? t('planner.draft.outside', { count: number(outside), ...range }) : t('planner.draft.inside', range)}</span></p>
      <div class="balance" role="img" aria-label=${households.map((count) => number(count)).join(', ')} ${variables({ least: range.least / top, most: range.most / top })}>
        ${households.map((count) => html`<i data-load=${count < range.least ? 'low' : count > range.most ? 'high' : 'right'} title=${number(count)} ${variables({ share: count / top })}></i>`)}</div>`;
  }

  #send(event) {
    event.preventDefault();
    this.actions.draft.try();
  }
}
customElements.define('shapan-plan-draft', PlanDraft);
