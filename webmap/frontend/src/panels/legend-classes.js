/** The classes of a legend, as the server describes them: colour, words, and how many there are where that is known. */
import { html } from 'lit';
import { number } from '../format.js';
import { pick, t, term } from '../i18n/index.js';
import { classRange } from '../scene-functions.js';
import { variables } from './panel.js';

function words(entry) {
  if (entry.label) return pick(entry.label);
  if (entry.value !== undefined) return term('use', entry.value);
  return classRange(entry, number);
}

/**
 * @param {object} legend as tiles/legends.py tells it; a class may have a `count`, and so may what has no value
 *   (`noDataCount`)
 * @param {string} [none] the word for what has no value
 */
export function legendClasses(legend, none = t('legend.none')) {
  const unit = pick(legend.unit);
  const line = (color, text, name, count) => html`
    <li data-color=${color.slice(0, 3).join(',')} data-testid=${name}>
      <i class="swatch" ${variables({ swatch: `rgb(${color.slice(0, 3).join(' ')})` })}></i>
      <span>${text}</span>
      ${count === undefined ? '' : html`<b>${number(count)}</b>`}
    </li>`;
  return html`
    <div class="legend" data-testid="legend" data-metric=${legend.metric} data-layer=${legend.layer}>
      <h3>${pick(legend.title)}${unit ? html`<small>${t('legend.unit', { unit })}</small>` : ''}</h3>
      <ul>
        ${legend.classes.map((entry) => line(entry.color, words(entry), 'legend-class', entry.count))}
        ${legend.noData ? line(legend.noData, none, 'legend-none', legend.noDataCount) : ''}
      </ul>
    </div>`;
}
