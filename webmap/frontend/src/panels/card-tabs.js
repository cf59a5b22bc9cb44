/** 警情 | 楼栋 | 设备: which of the cards that stand open with a chosen alarm is in front. */
import { html } from 'lit';
import { t } from '../i18n/index.js';
import { Panel } from './panel.js';

const TABS = { alarm: 'alarm', building: 'building', device: 'sensor' };

class CardTabs extends Panel {
  static topics = ['dossier', 'card', 'device'];

  render() {
    const { dossier, card, device } = this.store.state;
    const open = { alarm: dossier, building: card, device };
    const tabs = Object.entries(TABS).filter(([tab]) => open[tab].status !== 'closed');
    if (dossier.status === 'closed' || tabs.length < 2) return '';
    return html`
      <div class="panel card-tabs segmented" role="group" aria-label=${t('dossier.tabs')}>
        ${tabs.map(([tab, icon]) => html`
          <button type="button" aria-pressed=${dossier.tab === tab} data-testid="tab-${tab}"
            @click=${() => this.actions.desk.dossier.showTab(tab)}><shapan-icon name=${icon}></shapan-icon>${
            t(`dossier.tab.${tab}`)}</button>`)}
      </div>`;
  }
}
customElements.define('shapan-card-tabs', CardTabs);
