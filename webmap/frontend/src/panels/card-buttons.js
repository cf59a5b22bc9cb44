/** 打印、关闭: what every card has at its upper right; on paper it says whose card this is, and when it was printed. */
import { html } from 'lit';
import { dateTime } from '../format.js';
import { t } from '../i18n/index.js';

/**
 * @param {import('./panel.js').Panel} panel
 * @param {string} name of the kind of card, in what tests look for
 * @param {() => void} [close] other than closing all cards
 */
export function cardButtons(panel, name, close = () => panel.actions.opening.closeCard()) {
  return html`
    <p class="printed-only">${t('app.title')} · ${dateTime(panel.store.now(), panel.config.timeZone)} · ${panel.config.account}</p>
    <div class="card-buttons">
      <button type="button" class="quiet icon-button" title=${t('card.print')} aria-label=${t('card.print')}
        data-testid="${name}-print" @click=${() => print()}><shapan-icon name="print"></shapan-icon></button>
      <button type="button" class="quiet icon-button" title=${t('card.close')} aria-label=${t('card.close')}
        data-testid="${name}-close" @click=${close}><shapan-icon name="close"></shapan-icon></button>
    </div>`;
}
