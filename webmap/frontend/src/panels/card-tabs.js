/** 警情 | 楼栋: which of the two cards of a chosen alarm is in front. */
import { html } from 'lit';
import { t } from '../i18n/index.js';
import { Panel } from './panel.js';

const TABS = { alarm: 'alarm', building: 'building' };

class CardTabs extends Panel {
  static topics = ['dossier', 'card'];

  render() {
    const { dossier, card } = this.store.state;
    if (dossier.status === 'closed' || card.status === 'closed') return '';
    return html`
      <div class="panel card-tabs segmented" role="group" aria-label=${t('dossier.tabs')}>
        ${Object.entries(TABS).map(([tab, icon]) => html`
          <button type="button" aria-pressed=${dossier.tab === tab} data-testid="tab-${tab}"
            @click=${() => this.actions.desk.dossier.showTab(tab)}><shapan-icon name=${icon}></shapan-icon>${
            t(`dossier.tab.${tab}`)}</button>`)}
      </div>`;
  }
}
customElements.define('shapan-card-tabs', CardTabs);
