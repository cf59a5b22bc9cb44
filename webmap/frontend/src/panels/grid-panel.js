/** 网格着色: by which figure, what the colours mean in numbers, and which grids need somebody first. */
import { html } from 'lit';
import { number } from '../format.js';
import { ENTRY_KINDS, FIGURES } from '../grids/grid-figures.js';
import { t } from '../i18n/index.js';
import { folding } from './folding.js';
import { figureWords } from './grid-words.js';
import { legendClasses } from './legend-classes.js';
import { Panel, variables } from './panel.js';

const ICONS = { entry_rate: 'advice', events_open: 'pin', tasks_overdue: 'clock', alarms: 'alarm' };

/** Grids that are listed before one asks for more, and the most that are. */
const FIRST = 5;
const MOST = 500;

class GridPanel extends Panel {
  static topics = ['grids', 'view', 'folded'];

  /** The figure that the switch takes up again. */
  #last = 'entry_rate';

  /** Whether somebody has chosen a figure whose list has not been shown yet. */
  #chosen = false;

  #choose(figure) {
    this.#chosen = figure !== 'none' && figure !== this.store.state.choropleth.figure;
    this.actions.gridMap.show(figure);
  }

  /** The list may stand below the fold of the column: whoever chooses a figure is shown it, once. */
  updated() {
    const ranks = this.#chosen ? this.querySelector('.ranks') : null;
    if (ranks === null) return;
    this.#chosen = false;
    ranks.scrollIntoView({ block: 'nearest', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  }

  render() {
    const { figure } = this.store.state.choropleth;
    if (figure !== 'none') this.#last = figure;
    return folding(this, 'choropleth', () => html`
      <div class="grid-panel" data-testid="grid-panel" data-status=${this.store.state.choropleth.status} data-figure=${figure}>
        <div class="segmented" role="radiogroup" aria-labelledby="choropleth-title">
          ${FIGURES.filter((name) => name !== 'none').map((name) => html`
            <button type="button" role="radio" aria-checked=${name === figure} data-testid="figure-${name}"
              @click=${() => this.#choose(name)}>
              <shapan-icon name=${ICONS[name]}></shapan-icon>${t(`grids.figure.${name}`)}
            </button>`)}
        </div>
        ${figure === 'entry_rate' ? this.#kinds() : ''}
        ${figure === 'none' ? html`<p class="hint">${t('choropleth.off')}</p>` : this.#shown()}
      </div>`, html`
      <input type="checkbox" role="switch" class="lone-switch" data-testid="choropleth-switch" aria-label=${t('choropleth.show')}
        title=${t('choropleth.show')} .checked=${figure !== 'none'}
        @change=${(event) => this.#choose(event.target.checked ? this.#last : 'none')}>`);
  }

  #kinds() {
    const { kind } = this.store.state.choropleth;
    return html`
      <div class="segmented compact" role="radiogroup" aria-label=${t('grids.kinds')}>
        ${ENTRY_KINDS.map((name) => html`
          <button type="button" role="radio" aria-checked=${kind === name} data-testid="kind-${name}"
            @click=${() => this.actions.gridMap.setKind(name)}>${t(`grids.kind.${name}`)}</button>`)}
      </div>`;
  }

  #shown() {
    const { status, error, near } = this.store.state.choropleth;
    if (status === 'failed') {
      return html`<p class="hint bad" role="alert">${t('choropleth.failed')} ${error.title} ${error.cure || error.detail}</p>
        <button type="button" @click=${() => this.actions.gridMap.retry()}>${t('card.retry')}</button>`;
    }
    const legend = this.actions.gridMap.legend();
    if (!legend) return html`<div class="skeleton legend-skeleton"></div>`;
    return html`
      ${legendClasses(legend, this.actions.gridMap.counts(legend), { none: t('grids.unknown.total'), total: '' })}
      ${near ? '' : html`<p class="hint" data-testid="choropleth-far">${t('choropleth.communities')}</p>`}
      ${this.#ranked()}`;
  }

  #ranked() {
    const { figure, kind, all } = this.store.state.choropleth;
    const rows = this.actions.gridMap.figures.ranked(figure, kind);
    if (rows.length === 0) return html`<p class="hint">${t('choropleth.empty')}</p>`;
    const highest = Math.max(...rows.map(({ value }) => value ?? 0), 1);
    const shown = rows.slice(0, all ? MOST : FIRST);
    const open = this.store.state.grid.code;
    return html`
      <div class="ranks" data-testid="ranks">
        <h3>${t(figure === 'entry_rate' ? 'choropleth.lowest' : 'choropleth.highest', { figure: t(`grids.figure.${figure}`) })}</h3>
        <ol ?data-all=${all}>
          ${shown.map(({ code, name, value }) => html`
            <li><button type="button" class="quiet" data-testid="rank" data-code=${code} data-value=${value ?? ''}
              aria-current=${code === open} title=${t('choropleth.go')} @click=${() => this.actions.opening.openGrid(code)}>
              <span class="rank-name">${name || code}</span>
              <b>${figureWords(figure, value)}</b>
              <i ${variables({ share: Math.min(1, (value ?? 0) / highest) })}></i></button></li>`)}
        </ol>
        ${rows.length > FIRST ? html`<button type="button" class="quiet ranks-all" data-testid="ranks-all" aria-expanded=${all}
          @click=${() => this.actions.gridMap.toggleAll()}>${
            t(all ? 'choropleth.fewer' : 'choropleth.all', { count: number(rows.length) })}</button>` : ''}
        ${all && rows.length > MOST ? html`<p class="hint">${t('warning.rest', { count: number(rows.length - MOST) })}</p>` : ''}
      </div>`;
  }
}
customElements.define('shapan-grid-panel', GridPanel);
