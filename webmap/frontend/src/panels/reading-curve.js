/** A day of one quantity as a small curve: the mean as a line, least and greatest as a band, thresholds of rules dashed. */
import { html, svg } from 'lit';
import { hourMinute, number } from '../format.js';
import { t } from '../i18n/index.js';
import { curveOf } from '../devices/reading-curve.js';

export function readingCurve(series, { unit, thresholds, timeZone }) {
  if (series?.status === 'failed') return html`<p class="hint bad">${t('thing.curve.failed')}</p>`;
  if (!series) return html`<div class="curve skeleton" role="status" aria-label=${t('thing.loading')}></div>`;
  const curve = curveOf(series, thresholds);
  if (curve === null) return html`<p class="hint">${t('thing.curve.none')}</p>`;
  const words = t('thing.curve', { least: number(curve.least, 2), most: number(curve.most, 2), unit: unit ?? '' });
  return html`
    <figure class="curve" title=${words}>
      <svg viewBox="0 0 100 28" preserveAspectRatio="none" role="img" aria-label=${words}>
        <path class="band" d=${curve.band}></path>
        ${curve.thresholds.map((y) => svg`<path class="threshold" d="M0 ${y}H100"></path>`)}
        <path class="line" d=${curve.line}></path>
      </svg>
      <figcaption><span>${hourMinute(series.from, timeZone)}</span><span>${words}</span><span>${hourMinute(series.to, timeZone)}</span></figcaption>
    </figure>`;
}
