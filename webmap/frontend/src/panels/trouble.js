/** What a card of a room shows while it is read, and when it cannot be. `what` names its sentences. */
import { html } from 'lit';
import { t } from '../i18n/index.js';

export function trouble({ status, error }, { what, retry }) {
  if (status === 'loading') {
    return html`<div role="status" aria-label=${t(`${what}.loading`)} class="card-skeleton">
      <div class="skeleton wide"></div><div class="skeleton"></div><div class="skeleton block"></div></div>`;
  }
  if (status === 'missing' || status === 'forbidden') {
    return html`<div class="trouble" role="alert"><shapan-icon name=${status === 'missing' ? 'file' : 'ban'}></shapan-icon>
      <p><b>${t(`${what}.${status}`)}</b>${t(`${what}.${status}.hint`)}</p></div>`;
  }
  return html`<div class="trouble" role="alert"><shapan-icon name="error"></shapan-icon>
    <p><b>${t(`${what}.failed`)}</b>${[error.title, error.detail, error.cure].filter(Boolean).map((words) => html`
      <span>${words}</span>`)}</p>
    <button type="button" data-testid="${what}-retry" @click=${retry}>${t('card.retry')}</button></div>`;
}
