/** The classes of a legend, as the server describes them: colour, words, and how many there are where that is known. */
import { html } from 'lit';
import { number } from '../format.js';
import { pick, t } from '../i18n/index.js';
import { classWords } from '../buildings/legend-terms.js';
import { variables } from './panel.js';

/** Swatch of a colour, and the key by which tests know it. */
function flat(color, { hatched = false } = {}) {
  const rgb = color.slice(0, 3);
  return [html`<i class="swatch" ?data-hatched=${hatched} ${variables({ swatch: `rgb(${rgb.join(' ')})` })}></i>`, rgb.join(',')];
}

/** The shape of a severity. */
const sign = ({ value }) => [html`<i class="sign" data-severity=${value}><shapan-severity severity=${value}></shapan-severity></i>`, value];

/**
 * @param {object} legend as the server tells it
 * @param {{classes: number[], none?: number}|null} counts how many are in each class, and without a value; null where nobody knows
 * @param {{none?: string, total?: string}} [words] `none`: for what has no value; `total`: what is counted
 */
export function legendClasses(legend, counts, { none, total = t('legend.total') } = {}) {
  const unit = pick(legend.unit);
  const line = ([swatch, key], text, name, count) => html`
    <li data-color=${key} data-testid=${name}>
      ${swatch}<span>${text}</span>
      ${Number.isFinite(count) ? html`<b data-testid="class-count">${number(count)}</b>` : ''}
    </li>`;
  const noneWords = none ?? (legend.noDataLabel ? pick(legend.noDataLabel) : t('legend.none'));
  return html`
    <div class="legend" data-testid="legend" data-metric=${legend.metric} data-layer=${legend.layer}>
      <h3>${pick(legend.title)}${unit ? html`<small>${t('legend.unit', { unit })}</small>` : ''}
        ${counts && !legend.live && total ? html`<small class="of-count">${total}</small>` : ''}</h3>
      <ul>
        ${legend.classes.map((entry, index) => line(
          legend.live ? sign(entry) : flat(entry.color), classWords(entry), 'legend-class', counts?.classes[index]))}
        ${legend.noData ? line(flat(legend.noData, { hatched: legend.noDataHatched }), noneWords, 'legend-none', counts?.none) : ''}
      </ul>
      ${legend.note ? html`<p class="hint" data-testid="legend-note">${pick(legend.note)}</p>` : ''}
    </div>`;
}
