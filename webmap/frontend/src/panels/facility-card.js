/** 部件卡片: what a facility is, how it is, whose it is, and beside which building it stands. */
import { html } from 'lit';
import { classIcon, rankOf } from '../devices/device-terms.js';
import { distance } from '../format.js';
import { named, t } from '../i18n/index.js';
import { stateSign } from './device-signs.js';
import { Panel } from './panel.js';
import { facts, thingFrame } from './thing-frame.js';

class FacilityCard extends Panel {
  static topics = ['device', 'dossier'];

  render() {
    const { device } = this.store.state;
    if (device.status === 'closed' || device.what !== 'facility') return '';
    return thingFrame(this, device, 'facility', () => this.#facility(device.card));
  }

  #facility(card) {
    const className = named({ name: card.class_name, name_en: card.class_name_en }) || card.class_code;
    return html`
      <header>
        <p class="card-kind"><shapan-icon name=${classIcon({ name: card.class_name, role: card.role })}></shapan-icon>${className}
          <code data-testid="facility-code">${card.code}</code></p>
        <h2 data-testid="facility-name">${card.name || card.code}</h2>
      </header>
      <div class="freshness" data-testid="facility-state" data-state=${card.state} data-rank=${rankOf(card.state)}>
        ${stateSign(rankOf(card.state), true)}<p><b>${t(`facility.${card.state}`)}</b></p></div>
      ${facts([
        ['class', html`${className} <code>${card.class_code}</code>`],
        ['department', card.department || t('thing.department.none')],
        ['near.building', this.#near(card.building)],
      ])}`;
  }

  #near(building) {
    if (!building) return t('thing.near.none');
    return html`<button type="button" class="quiet link" title=${t('thing.building')} data-testid="facility-building"
      @click=${() => this.actions.opening.openBuilding(building.id)}>${building.name || building.address || building.code}</button>
      <span class="near-far">${distance(building.metres)}</span>`;
  }
}
customElements.define('shapan-facility-card', FacilityCard);
