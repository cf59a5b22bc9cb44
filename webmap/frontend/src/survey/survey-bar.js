/** The bar above: title, network, what waits, language. */
import { html } from 'lit';
import { t } from '../i18n/index.js';
import { Panel } from '../panels/panel.js';

class SurveyBar extends Panel {
  static topics = ['page'];

  render() {
    const { view, link, busy, photos, keeper } = this.store.state;
    const waiting = this.actions.waiting() + photos;
    return html`
      ${view.name === 'list' ? '' : html`
        <button type="button" class="bar-button" data-testid="back" aria-label=${t('survey.back')} @click=${() => this.actions.back()}>
          <shapan-icon name="back"></shapan-icon></button>`}
      <h1>${t('survey.heading')}<small>${keeper ?? ''}</small></h1>
      <span class="badge" data-testid="link" data-link=${link} role="status">
        <shapan-icon name=${link === 'ok' ? 'check' : link === 'offline' ? 'device-off' : 'error'}></shapan-icon>${t(`survey.link.${link}`)}</span>
      <button type="button" class="bar-button waiting" data-testid="send" data-waiting=${waiting} ?disabled=${busy}
        aria-label=${t('survey.send', { count: waiting })} @click=${() => this.actions.sync.run()}>
        <shapan-icon name=${busy ? 'running' : waiting ? 'upload' : 'retry'}></shapan-icon>
        <span>${busy ? t('survey.sending') : waiting ? t('survey.waiting', { count: waiting }) : t('survey.sent')}</span></button>
      <button type="button" class="bar-button wide-only" data-testid="language" title=${t('language.switch.hint')} @click=${() => this.actions.switchLanguage()}>
        ${t('language.switch')}</button>`;
  }
}
customElements.define('shapan-survey-bar', SurveyBar);
