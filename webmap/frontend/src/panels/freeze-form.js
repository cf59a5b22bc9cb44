/** The remark of a handover, and where it is once it was made. */
import { html } from 'lit';
import { language, t } from '../i18n/index.js';
import { Panel } from './panel.js';

class FreezeForm extends Panel {
  static topics = ['freeze'];

  render() {
    const { status, alarmId, id, error } = this.store.state.freeze;
    if (status === 'closed') return '';
    if (status === 'done') {
      return html`<p class="notice" role="status" data-testid="frozen" data-id=${id}>
        <shapan-icon name="check"></shapan-icon>${t('freeze.done')}
        <a href=${`${this.config.urls.handover}/${id}?lang=${language()}`} target="_blank" rel="noopener">${t('freeze.open')}</a>
        <button type="button" class="quiet" @click=${() => this.actions.freeze.putAway()}>${t('freeze.close')}</button></p>`;
    }
    return html`
      <form class="panel freeze-form" data-testid="freeze-form" @submit=${(event) => this.#send(event)}>
        <h2>${t(alarmId === null ? 'freeze.picture' : 'freeze.alarm')}</h2>
        <p class="hint">${t(alarmId === null ? 'freeze.picture.hint' : 'freeze.alarm.hint')}</p>
        <textarea name="note" maxlength="2000" rows="3" aria-label=${t('freeze.note')} placeholder=${t('freeze.note')}></textarea>
        ${error ? html`<p class="hint bad" role="alert">${error.title ?? ''} ${error.detail ?? error.message} ${error.cure ?? ''}</p>` : ''}
        <div class="form-buttons">
          <button type="button" class="quiet" @click=${() => this.actions.freeze.putAway()}>${t('freeze.cancel')}</button>
          <button class="primary" ?disabled=${status === 'sending'}>${status === 'sending'
            ? html`<i class="spinner"></i>` : ''}${t('freeze.send')}</button>
        </div>
      </form>`;
  }

  #send(event) {
    event.preventDefault();
    this.actions.freeze.send(event.target.elements.note.value);
  }

  updated() {
    if (this.store.state.freeze.status === 'asking' && !this.contains(document.activeElement)) this.querySelector('textarea')?.focus();
  }
}
customElements.define('shapan-freeze-form', FreezeForm);
