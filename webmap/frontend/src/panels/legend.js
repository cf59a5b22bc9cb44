/** Metric picker and the legend of what is chosen, with numbers; and what the height of a building says. */
import { html } from 'lit';
import { FORMS, METRES_PER_RESIDENT } from '../buildings/building-form.js';
import { distance, number } from '../format.js';
import { gridsColoured } from '../grids/grid-state.js';
import { t } from '../i18n/index.js';
import { METRICS } from '../url-state.js';
import { folding } from './folding.js';
import { legendClasses } from './legend-classes.js';
import { Panel } from './panel.js';
import { todayTag } from './past-words.js';

class Legend extends Panel {
  static topics = ['scene', 'view', 'hidden', 'folded', 'alarms', 'counts', 'past', 'grids'];

  render() {
    const { metric } = this.store.state;
    // An empty city has no classes, and cells of none at the zoom of a whole country.
    const empty = this.store.state.scene.status === 'ready' && this.store.state.counts.buildings === 0;
    const legend = empty ? null : this.actions.city.legend();
    return folding(this, 'metric', () => html`
      ${this.#choice('metric', METRICS, metric, (name) => this.actions.setMetric(name))}
      ${legend && !gridsColoured(this.store.state) ? this.#classes(legend) : empty || legend ? '' : html`<div class="skeleton legend-skeleton"></div>`}
      ${empty ? '' : this.#remark()}
      ${this.#form()}`, this.store.state.past.on ? todayTag() : '');
  }

  #choice(kind, names, chosen, choose) {
    return html`
      <div class="segmented three" role="radiogroup" aria-labelledby="${kind}-title">
        ${names.map((name) => html`
          <button type="button" role="radio" aria-checked=${name === chosen} data-testid="${kind}-${name}"
            @click=${() => choose(name)}>${t(`${kind}.${name}`)}</button>`)}
      </div>`;
  }

  /** What the map does not show at this zoom. */
  #remark() {
    const { cellSides, hidden } = this.store.state;
    if (gridsColoured(this.store.state)) {
      return html`<p class="hint" data-testid="legend-grey">${t(cellSides === null ? 'legend.grey' : 'legend.cells.away')}</p>`;
    }
    if (cellSides !== null) {
      const [from, to] = cellSides.map(distance);
      const text = from === to ? t('legend.cells', { side: from }) : t('legend.cells.range', { from, to });
      return html`<p class="hint" data-testid="cell-side">${text}</p>`;
    }
    if (hidden > 0) return html`<p class="hint" data-testid="hidden">${t('legend.hidden', { count: number(hidden) })}</p>`;
    return '';
  }

  #form() {
    const { form } = this.store.state;
    return html`
      <h3 class="form-title" id="form-title">${t('form.title')}</h3>
      ${this.#choice('form', FORMS, form, (name) => this.actions.city.setForm(name))}
      ${form === 'height' ? '' : html`<p class="hint" data-testid="form-hint">${this.#formHint(form)}</p>`}`;
  }

  #formHint(form) {
    const { cellSides, columns, scene: { exact } } = this.store.state;
    if (cellSides !== null) return t('form.near');
    const values = { metres: number(100 * METRES_PER_RESIDENT), labelled: number(columns.labelled) };
    return [
      t(`form.${form}.hint`, values),
      form === 'columns' && columns.hidden > 0 ? t('form.columns.hidden', { count: number(columns.hidden) }) : '',
      exact ? '' : t('form.classed'),
    ].filter(Boolean).join(' ');
  }

  #classes(legend) {
    const { alarmsDropped } = this.store;
    return html`
      ${legendClasses(legend, this.actions.city.counts(legend))}
      ${legend.live && alarmsDropped > 0
        ? html`<p class="hint" data-testid="alarms-dropped">${t('legend.alarms.dropped', { count: number(alarmsDropped) })}</p>` : ''}`;
  }
}
customElements.define('shapan-legend', Legend);
