/** What stands where something is still read, is not there, or could not be read. */
import { html } from 'lit';
import { t } from '../i18n/index.js';

export function trouble({ status, error }, retry) {
  if (status === 'loading') {
    return html`<div role="status" aria-label=${t('handover.loading')}><div class="skeleton wide"></div><div class="skeleton"></div></div>`;
  }
  if (status === 'missing') return html`<p class="hint">${t('handover.missing')}</p>`;
  return html`<p class="hint bad" role="alert">${error.title} ${error.detail} ${error.cure}</p>
    <button type="button" @click=${retry}>${t('handover.retry')}</button>`;
}
