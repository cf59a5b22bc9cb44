/** How devices and facilities fare, in shapes: the signs of the map's marks, and bars of shares. */
import { html, svg } from 'lit';
import { number } from '../format.js';
import { t } from '../i18n/index.js';
import { variables } from './panel.js';

const CROSS = svg`<g class="cross"><circle cx="17.5" cy="17.5" r="5.5"></circle><path d="m15.3 15.3 4.4 4.4m0-4.4-4.4 4.4"></path></g>`;

/** The sign of a state: round for a device, square for a facility. `rank` as rankOf tells it. */
export const stateSign = (rank, square = false) => html`<svg class="state-sign" viewBox="0 0 24 24" data-rank=${rank} aria-hidden="true">
  ${square ? svg`<rect x="4" y="4" width="16" height="16" rx="3.5"></rect>` : svg`<circle cx="12" cy="12" r="8.5"></circle>`}
  ${rank === 3 ? CROSS : ''}</svg>`;

/** A bar of shares, each with the pattern of its state; `counts` by state in the order in which they stand. */
export function shareBar(counts, words) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return html`<span class="share-bar" role="img" aria-label=${words} title=${words}>
    ${Object.entries(counts).filter(([, count]) => count > 0).map(([state, count]) => html`<i data-state=${state} ${
      variables({ share: Math.max(count / total, 0.03) })}></i>`)}</span>`;
}

/** "迟到 3 失联 1": what of some counts is not as it should be. */
export const troubles = (counts, states) => states.filter((state) => counts[state] > 0).map((state) => html`
  <b class="trouble-count" data-state=${state}>${t(`devices.${state}.count`, { count: number(counts[state]) })}</b>`);
