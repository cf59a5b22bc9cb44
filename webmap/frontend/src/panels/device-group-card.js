/** 合并标记: the devices and facilities that share one mark on the map, what is wrong first. */
import { html } from 'lit';
import { classIcon, kindIcon, rankOf } from '../devices/device-terms.js';
import { number, placeInBuilding } from '../format.js';
import { t } from '../i18n/index.js';
import { stateSign } from './device-signs.js';
import { Panel } from './panel.js';
import { thingFrame } from './thing-frame.js';

/** Rows that are listed. */
const MOST = 100;

class DeviceGroupCard extends Panel {
  static topics = ['device', 'devices', 'dossier'];

  render() {
    const { device } = this.store.state;
    if (device.status === 'closed' || device.what !== 'group') return '';
    return thingFrame(this, device, 'group', () => this.#group(device));
  }

  #group({ members, at }) {
    const classes = new Map(this.store.state.devices.classes.classes.map((each) => [each.code, each]));
    const rows = members.map((one) => ({ ...one, state: this.actions.devices.stateOf(one) }))
      .sort((one, other) => rankOf(other.state) - rankOf(one.state) || (one.floor ?? 0) - (other.floor ?? 0));
    return html`
      <header><h2>${t('group.title', { count: number(members.length) })}</h2></header>
      <p class="hint">${t('group.hint')}</p>
      <button type="button" data-testid="group-near" @click=${() => this.actions.devices.comeNearer(at)}>${t('group.near')}</button>
      <ul class="members">${rows.slice(0, MOST).map((one) => this.#row(one, classes))}</ul>
      ${rows.length > MOST ? html`<p class="hint">${t('group.more', { count: number(rows.length - MOST) })}</p>` : ''}`;
  }

  #row({ what, code, name, kind, class_code: classCode, floor, state }, classes) {
    const facility = what === 'facility';
    const place = placeInBuilding({ floor });
    return html`
      <li><button type="button" class="quiet member" data-testid="member" data-code=${code} data-state=${state}
        @click=${() => this.actions.opening.openThing(what, code)}>
        ${stateSign(rankOf(state), facility)}
        <shapan-icon name=${facility ? classIcon(classes.get(classCode)) : kindIcon(kind)}></shapan-icon>
        <span class="member-name">${name || code}</span>
        <small>${[place, rankOf(state) > 0 ? t(`${facility ? 'facility' : 'freshness'}.${state}`) : ''].filter(Boolean).join(' · ')}</small>
      </button></li>`;
  }
}
customElements.define('shapan-device-group-card', DeviceGroupCard);
