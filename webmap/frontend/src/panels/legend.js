/** Metric picker and the legend of what is chosen, with numbers. */
import { html } from 'lit';
import { distance, number } from '../format.js';
import { t } from '../i18n/index.js';
import { METRICS } from '../url-state.js';
import { folding } from './folding.js';
import { legendClasses } from './legend-classes.js';
import { Panel } from './panel.js';

const ICONS = { residents: 'users', use: 'use', height: 'height', floors: 'floors' };

class Legend extends Panel {
  static topics = ['scene', 'view', 'hidden', 'folded', 'grids'];

  render() {
    const { metric, scene, cellSides } = this.store.state;
    const shown = cellSides === null ? 'buildings' : 'building_cells';
    const legend = scene.legend.find(({ layer }) => layer === shown);
    return folding(this, 'metric', () => html`
      <div class="segmented" role="radiogroup" aria-labelledby="metric-title">
        ${METRICS.map((name) => html`
          <button type="button" role="radio" aria-checked=${name === metric} data-testid="metric-${name}"
            @click=${() => this.actions.setMetric(name)}>
            <shapan-icon name=${ICONS[name]}></shapan-icon>${t(`metric.${name}`)}
          </button>`)}
      </div>
      ${legend ? legendClasses(legend) : html`<div class="skeleton legend-skeleton"></div>`}
      ${this.#remark()}`);
  }

  /** What the map does not show at this zoom. */
  #remark() {
    const { cellSides, hidden, choropleth } = this.store.state;
    if (cellSides !== null && choropleth.figure !== 'none') return html`<p class="hint">${t('legend.cells.away')}</p>`;
    if (cellSides !== null) {
      const [from, to] = cellSides.map(distance);
      const text = from === to ? t('legend.cells', { side: from }) : t('legend.cells.range', { from, to });
      return html`<p class="hint" data-testid="cell-side">${text}</p>`;
    }
    if (hidden > 0) return html`<p class="hint" data-testid="hidden">${t('legend.hidden', { count: number(hidden) })}</p>`;
    return '';
  }
}
customElements.define('shapan-legend', Legend);
