/** The frame around a picture of the past, what it is of, the way back, and whether something critical came meanwhile. */
import { html } from 'lit';
import { number } from '../format.js';
import { t } from '../i18n/index.js';
import { Panel } from './panel.js';
import { instantWords } from './past-words.js';

class PastBadge extends Panel {
  static topics = ['past'];

  render() {
    const { on, at, missed, status } = this.store.state.past;
    return html`
      <p class="unseen" role="alert">${on && missed > 0 ? t('past.missed', { count: number(missed) }) : ''}</p>
      ${on ? html`
        <div class="past-frame" aria-hidden="true"></div>
        <div class="past-words" role="status" data-testid="past-badge" data-status=${status}>
          <shapan-icon name="history"></shapan-icon>
          <b>${t('past.badge', { time: instantWords(at, this.config.timeZone) })}</b><span>${t('past.notlive')}</span>
          <button type="button" data-testid="past-close" title=${t('past.close.hint')} @click=${() => this.actions.past.leave()}>
            <shapan-icon name="now"></shapan-icon>${t('past.close')}</button>
          ${missed > 0 ? html`<button type="button" class="past-missed" data-testid="past-missed" data-value=${missed}
            data-severity="critical" title=${t('past.missed.hint')} @click=${() => this.actions.past.leave()}>
            <shapan-severity severity="critical"></shapan-severity>${t('past.missed', { count: number(missed) })}</button>` : ''}
        </div>` : ''}`;
  }
}
customElements.define('shapan-past-badge', PastBadge);
