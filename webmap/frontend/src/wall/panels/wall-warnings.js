/** 预警条: the warnings in force, the worst in front, the others counted. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { number } from '../../format.js';
import { t } from '../../i18n/index.js';
import { warningBadge } from '../../panels/warning-words.js';
import { inOrder, untilWords } from '../../warnings/warning-terms.js';
import { Panel } from '../../panels/panel.js';

/** Rows on a wall; more would push the numbers away. */
const MOST = 2;

class WallWarnings extends Panel {
  static topics = ['warnings'];

  static interval = 60_000;

  render() {
    const order = inOrder(this.store.warnings.values());
    if (order.length === 0) return '';
    const shown = order.slice(0, MOST);
    const rest = order.length - shown.length;
    return html`<section class="wall-warnings" aria-label=${t('warning.strip')} data-testid="warnings" data-count=${order.length}><ul>${
      repeat(shown, ({ id }) => id, (warning) => html`<li data-warning-id=${warning.id}>${warningBadge(warning)}
        <span class="wall-warned">${warning.area_desc ?? warning.headline ?? ''}</span>
        <span class="wall-until"><shapan-icon name="clock"></shapan-icon>${
          t('warning.until', { time: untilWords(warning.ends_at, this.store.now(), this.config.timeZone) })}</span></li>`)}</ul>
      ${rest > 0 ? html`<p class="wall-others">${t('warning.others', { count: number(rest) })}</p>` : ''}</section>`;
  }
}
customElements.define('shapan-wall-warnings', WallWarnings);
