/** 对比: this window against another one, by class. */
import { html, svg } from 'lit';
import { PARTS } from '../events/comparison.js';
import { signed } from '../events/event-compare.js';
import { number, shortDateTime } from '../format.js';
import { t } from '../i18n/index.js';
import { COMPARISONS } from '../events/time-window.js';
import { eventWords } from '../events/event-terms.js';

export function eventComparison(panel) {
  const { comparison } = panel.store.state;
  const { events } = panel.actions;
  const [from, to] = [comparison.from, comparison.to].map((at) => shortDateTime(at, panel.config.timeZone));
  return html`
    <details class="event-comparison" ?open=${comparison.kind !== null}>
      <summary data-testid="compare-open"><shapan-icon name="compare"></shapan-icon>${t('events.compare')}<shapan-icon class="chevron" name="chevron"></shapan-icon></summary>
      <div class="segmented thirds" role="radiogroup" aria-label=${t('events.compare')}>
        ${COMPARISONS.map((kind) => html`<button type="button" role="radio" aria-checked=${comparison.kind === kind} data-testid="compare-${kind}"
          title=${t(`events.compare.${kind}.hint`)}
          @click=${() => events.comparison.choose(comparison.kind === kind ? null : kind)}>${t(`events.compare.${kind}`)}</button>`)}
      </div>
      ${comparison.kind === null ? '' : html`<p class="hint" data-testid="compare-window" data-status=${comparison.status}>${
        comparison.status === 'failed' ? t('events.failed', { detail: comparison.error.message })
        : comparison.status === 'ready' ? t('events.compare.with', { from, to }) : t('events.loading')}</p>`}
      ${comparison.status === 'failed' ? html`<button type="button" @click=${() => events.comparison.load()}>${t('card.retry')}</button>` : ''}
      ${table(panel)}
      ${comparison.status === 'ready' && !comparison.complete ? html`<p class="hint">${t('events.compare.many')}</p>` : ''}
    </details>`;
}

const percentWords = ({ percent, more }) => (percent === null ? (more === 0 ? '—' : t('events.compare.new')) : `${signed(Math.round(percent), number)} %`);

/** Grey for now, a line for then: the same scale in all classes. */
function chart(pair, most) {
  if (!pair) return '';
  const [now, then] = pair;
  const y = (count) => 10 - (10 * count) / most;
  return svg`<svg viewBox="0 0 ${PARTS} 10" preserveAspectRatio="none" aria-hidden="true">
    ${now.map((count, index) => svg`<rect x=${index + 0.1} width="0.8" y=${y(count)} height=${10 - y(count)}></rect>`)}
    <polyline points=${then.map((count, index) => `${index + 0.5},${y(count)}`).join(' ')}></polyline></svg>`;
}

function table(panel) {
  const { eventClasses } = panel.store.state;
  const { comparison } = panel.actions.events;
  const found = comparison.table();
  if (found === null) return '';
  const charts = comparison.charts();
  const most = Math.max(1, ...[...charts?.values() ?? []].flat(2));
  const row = (key, words, one) => html`<tr data-testid="compared" data-key=${key} data-now=${one.now} data-then=${one.then}>
    <th scope="row">${words}${chart(charts?.get(key), most)}</th><td>${number(one.now)}</td><td>${number(one.then)}</td>
    <td class=${one.more > 0 ? 'more' : one.more < 0 ? 'fewer' : ''}>${signed(one.more, number)}<small>${percentWords(one)}</small></td></tr>`;
  return html`<table class="compared">
    <thead><tr><th scope="col">${t('events.class')}</th><th scope="col">${t('events.compare.now')}</th><th scope="col">${t('events.compare.then')}</th>
      <th scope="col">${t('events.compare.more')}</th></tr></thead>
    <tbody>${row('all', t('events.compare.all'), found.all)}${found.classes.map((one) => row(one.key, eventWords(eventClasses, one.key), one))}</tbody>
  </table>`;
}
