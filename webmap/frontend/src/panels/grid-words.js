/** How figures of grids are written. */
import { html } from 'lit';
import { number } from '../format.js';
import { alarmCounts, ENTRY_KINDS, valueText } from '../grids/grid-figures.js';
import { t } from '../i18n/index.js';

/** A figure in words: "78%", "12", 未知. */
export const figureWords = (figure, value) => (value === null ? t('grids.unknown') : valueText(figure, value, number));

/** A number of people; where only its class may be seen, the lower end of it. */
export const atLeast = (count, exact) => (exact || count === 0 ? number(count) : t('grids.at.least', { count: number(count) }));

/** Open alarms by severity, the worst first; each told by its shape, its number and, to who cannot see it, its word. */
export function alarmWords(counts) {
  const found = alarmCounts(counts);
  if (found.length === 0) return html`<span class="nothing">${number(0)}</span>`;
  return found.map(([severity, count]) => html`
    <span class="severity-count" title=${t(`severity.${severity}`)}><shapan-severity severity=${severity}></shapan-severity>${
      number(count)}<span class="unseen">${t(`severity.${severity}`)}</span></span>`);
}

/** The four entry rates. `rates`: kind → share or null. */
export const rateRows = (rates) => ENTRY_KINDS.map((kind) => html`
  <div><dt>${t(`grids.kind.${kind}`)}</dt><dd data-known=${rates[kind] !== null}>${figureWords('entry_rate', rates[kind])}</dd></div>`);
