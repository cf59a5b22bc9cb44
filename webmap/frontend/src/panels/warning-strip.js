/** 预警条: the warnings in force, under the bar: the worst in front, the others counted. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { number } from '../format.js';
import { t } from '../i18n/index.js';
import { inOrder, spokenWords, textsOf, untilWords } from '../warnings/warning-terms.js';
import { Panel } from './panel.js';
import { liveTag } from './past-words.js';
import { warningBadge } from './warning-words.js';

/** Rows that make the page's other panels begin lower; more of them scroll. */
const MOST_ROWS = 6;

class WarningStrip extends Panel {
  static topics = ['warnings', 'warning', 'past'];

  /** "until 15:00" is of today only. */
  static interval = 60_000;

  #had = false;

  updated() {
    const rows = Math.min(this.querySelectorAll('.warning-row').length, MOST_ROWS);
    document.documentElement.style.setProperty('--warning-rows', rows);
  }

  render() {
    const order = inOrder(this.store.warnings.values()).map((warning) => this.#whole(warning));
    const shown = this.store.state.warningsOpen ? order : order.slice(0, 1);
    this.#had ||= order.length > 0;
    return html`
      <p class="unseen" role="status" data-testid="warnings-said">${this.#said(order)}</p>
      <p class="unseen" role="alert" data-testid="warnings-alert">${this.#alert()}</p>
      ${order.length === 0 ? '' : html`
        <section class="warning-strip" aria-label=${t('warning.strip')} data-testid="warnings" data-count=${order.length}
          @keydown=${(event) => this.#key(event)}>
          <ul id="warning-rows">${repeat(shown, ({ id }) => id, (warning) => this.#row(warning))}</ul>
          ${order.length === 1 ? '' : this.#others(order.length - 1)}
        </section>`}`;
  }

  /** With its texts in other languages, once they are here. */
  #whole(warning) {
    return { ...warning, texts: this.store.state.concerned.get(warning.id)?.texts };
  }

  #said(order) {
    if (order.length === 0) return this.#had ? t('warning.none') : '';
    const first = spokenWords(order[0], this.store.now(), this.config.timeZone);
    return order.length === 1 ? first : `${first} ${t('warning.others', { count: number(order.length - 1) })}`;
  }

  #alert() {
    const warning = this.store.warnings.get(this.store.state.newExtreme);
    return warning ? spokenWords(this.#whole(warning), this.store.now(), this.config.timeZone) : '';
  }

  #row(warning) {
    const { store: { state: { concerned, warning: open } }, config: { timeZone } } = this;
    const people = concerned.get(warning.id);
    return html`
      <li class="warning-row">
        <button type="button" class="quiet warning-open" title=${t('warning.open')} aria-pressed=${open.id === warning.id}
          data-testid="warning" data-warning-id=${warning.id} data-level=${warning.severity} data-real=${warning.real}
          @click=${() => this.actions.opening.openWarning(warning)}>
          ${this.store.state.past.on ? liveTag() : ''}${warningBadge(warning)}
          <span class="warning-area" title=${warning.area_desc ?? ''}>${warning.area_desc ?? textsOf(warning).headline ?? ''}</span>
          <span class="warning-until"><shapan-icon name="clock"></shapan-icon>${t('warning.until', {
            time: untilWords(warning.ends_at, this.store.now(), timeZone) })}</span>
          ${people?.exact ? html`<span class="warning-people" data-testid="warning-people"><shapan-icon name="users"></shapan-icon>${
            t('warning.people', { count: number(people.residents) })}</span>` : ''}
        </button>
      </li>`;
  }

  #others(count) {
    const { warningsOpen } = this.store.state;
    return html`<button type="button" class="quiet warning-others" data-testid="warnings-others" aria-controls="warning-rows"
      aria-expanded=${warningsOpen} @click=${() => this.actions.warnings.toggle()}>${
      warningsOpen ? t('warning.fewer') : t('warning.others', { count: number(count) })}<shapan-icon name="chevron"></shapan-icon></button>`;
  }

  #key(event) {
    if (event.key !== 'Escape' || !this.store.state.warningsOpen) return;
    event.stopPropagation();
    this.actions.warnings.toggle();
    this.querySelector('.warning-others')?.focus();
  }
}
customElements.define('shapan-warning-strip', WarningStrip);
