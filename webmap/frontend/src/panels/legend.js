/** Metric picker and the legend of what is chosen, with numbers. */
import { html } from 'lit';
import { distance, number } from '../format.js';
import { pick, t } from '../i18n/index.js';
import { classWords } from '../legend-terms.js';
import { METRICS } from '../url-state.js';
import { folding } from './folding.js';
import { Panel, variables } from './panel.js';
import { todayTag } from './past-words.js';

const ICONS = { residents: 'users', use: 'use', height: 'height', floors: 'floors' };

class Legend extends Panel {
  static topics = ['scene', 'view', 'hidden', 'folded', 'past'];

  render() {
    const { metric } = this.store.state;
    const legend = this.actions.city.legend();
    return folding(this, 'metric', () => html`
      <div class="segmented" role="radiogroup" aria-labelledby="metric-title">
        ${METRICS.map((name) => html`
          <button type="button" role="radio" aria-checked=${name === metric} data-testid="metric-${name}"
            @click=${() => this.actions.setMetric(name)}>
            <shapan-icon name=${ICONS[name]}></shapan-icon>${t(`metric.${name}`)}
          </button>`)}
      </div>
      ${legend ? this.#classes(legend) : html`<div class="skeleton legend-skeleton"></div>`}
      ${this.#remark()}`, this.store.state.past.on ? todayTag() : '');
  }

  /** What the map does not show at this zoom. */
  #remark() {
    const { cellSides, hidden } = this.store.state;
    if (cellSides !== null) {
      const [from, to] = cellSides.map(distance);
      const text = from === to ? t('legend.cells', { side: from }) : t('legend.cells.range', { from, to });
      return html`<p class="hint" data-testid="cell-side">${text}</p>`;
    }
    if (hidden > 0) return html`<p class="hint" data-testid="hidden">${t('legend.hidden', { count: number(hidden) })}</p>`;
    return '';
  }

  #classes(legend) {
    const unit = pick(legend.unit);
    const line = (color, text, name, count) => html`
      <li data-color=${color.slice(0, 3).join(',')} data-testid=${name}>
        <i class="swatch" ${variables({ swatch: `rgb(${color.slice(0, 3).join(' ')})` })}></i>
        <span>${text}</span>
        ${count === undefined ? '' : html`<b>${number(count)}</b>`}
      </li>`;
    return html`
      <div class="legend" data-testid="legend" data-metric=${legend.metric}
        data-layer=${legend.layer}>
        <h3>${pick(legend.title)}${unit ? html`<small>${t('legend.unit', { unit })}</small>` : ''}</h3>
        <ul>
          ${legend.classes.map((entry) => line(entry.color, classWords(entry), 'legend-class', entry.count))}
          ${legend.noData ? line(legend.noData, t('legend.none'), 'legend-none') : ''}
        </ul>
      </div>`;
  }
}
customElements.define('shapan-legend', Legend);
