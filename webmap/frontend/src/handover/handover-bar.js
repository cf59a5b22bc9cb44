/** Title, way to the sandbox, printing, clock, language. */
import { html } from 'lit';
import { t } from '../i18n/index.js';
import { brand, clockAndLanguage, pageLink } from '../panels/bar.js';
import { Panel } from '../panels/panel.js';

class HandoverBar extends Panel {
  static interval = 1000;

  render() {
    const { timeZone, urls, id } = this.config;
    return html`
      ${brand('handover', t('handover.place'))}
      <div class="status">
        ${id === null ? '' : pageLink('handover', 'handover', urls.page)}
        ${pageLink('sandbox', 'tilt', urls.sandbox)}
        <button type="button" data-testid="print" @click=${() => print()}>
          <shapan-icon name="print"></shapan-icon>${t('handover.print')}</button>
        ${clockAndLanguage(this.store.now(), timeZone, this.actions)}
      </div>`;
  }
}
customElements.define('shapan-handover-bar', HandoverBar);
