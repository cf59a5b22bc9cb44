/** Metric picker and the legend of what is chosen, with numbers; and what the height of a building says. */
import { html } from 'lit';
import { FORMS, METRES_PER_RESIDENT } from '../building-form.js';
import { distance, number } from '../format.js';
import { pick, t } from '../i18n/index.js';
import { classWords } from '../legend-terms.js';
import { METRICS } from '../url-state.js';
import { folding } from './folding.js';
import { Panel, variables } from './panel.js';
import { todayTag } from './past-words.js';

class Legend extends Panel {
  static topics = ['scene', 'view', 'hidden', 'folded', 'alarms', 'counts', 'past'];

  render() {
    const { metric } = this.store.state;
    const legend = this.actions.city.legend();
    return folding(this, 'metric', () => html`
      ${this.#choice('metric', METRICS, metric, (name) => this.actions.setMetric(name))}
      ${legend ? this.#classes(legend) : html`<div class="skeleton legend-skeleton"></div>`}
      ${this.#remark()}
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
    const unit = pick(legend.unit);
    const counts = this.actions.city.counts(legend);
    const line = (swatch, key, text, name, count) => html`
      <li data-color=${key} data-testid=${name}>
        ${swatch}<span>${text}</span>
        ${Number.isFinite(count) ? html`<b data-testid="class-count">${number(count)}</b>` : ''}
      </li>`;
    const flat = (color) => {
      const rgb = color.slice(0, 3);
      return [html`<i class="swatch" ${variables({ swatch: `rgb(${rgb.join(' ')})` })}></i>`, rgb.join(',')];
    };
    const sign = ({ value }) => [html`<i class="sign" data-severity=${value}><shapan-severity severity=${value}></shapan-severity></i>`, value];
    return html`
      <div class="legend" data-testid="legend" data-metric=${legend.metric}
        data-layer=${legend.layer}>
        <h3>${pick(legend.title)}${unit ? html`<small>${t('legend.unit', { unit })}</small>` : ''}
          ${counts && !legend.live ? html`<small class="of-count">${t('legend.total')}</small>` : ''}</h3>
        <ul>
          ${legend.classes.map((entry, index) => line(
            ...(legend.live ? sign(entry) : flat(entry.color)), classWords(entry), 'legend-class', counts?.classes[index]))}
          ${legend.noData ? line(
            ...flat(legend.noData), legend.noDataLabel ? pick(legend.noDataLabel) : t('legend.none'), 'legend-none', counts?.none) : ''}
        </ul>
        ${legend.note ? html`<p class="hint" data-testid="legend-note">${pick(legend.note)}</p>` : ''}
        ${legend.live && this.store.alarmsDropped > 0
          ? html`<p class="hint" data-testid="alarms-dropped">${t('legend.alarms.dropped', { count: number(this.store.alarmsDropped) })}</p>` : ''}
      </div>`;
  }
}
customElements.define('shapan-legend', Legend);
