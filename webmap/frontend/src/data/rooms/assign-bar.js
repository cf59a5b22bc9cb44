/** The bar below the worklist: how much is chosen, to whom and until when it goes, and what came of it. */
import { html } from 'lit';
import { dateTime, number } from '../../format.js';
import { t } from '../../i18n/index.js';
import { choosable } from './worklist.js';

/** Refusals that are listed; the rest is counted. */
const LISTED = 20;

/** @param {import('../../panels/panel.js').Panel} panel @param {object} rooms the state @param {object[]} groups what is shown */
export function assignBar(panel, rooms, groups) {
  const { chosen, keepers, keeper, due, sending, within, outcome, fault } = rooms;
  const every = groups.flatMap(choosable);
  const near = keepers.filter(({ grid }) => grid.startsWith(within.slice(0, 12)));
  const far = keepers.filter(({ grid }) => !grid.startsWith(within.slice(0, 12)));
  const count = (letter) => [...chosen].filter((key) => key[0] === letter).length;
  const option = ({ code, name, gridName }) => html`<option value=${code} ?selected=${code === keeper}>${name} · ${gridName ?? code}</option>`;
  return html`
    <footer class="assign" data-testid="assign" data-chosen=${chosen.size}>
      ${outcome || fault ? said(groups, outcome, fault) : ''}
      <form class="assign-line" @submit=${(event) => { event.preventDefault(); panel.actions.rooms.assign(); }}>
        <span class="assign-count" role="status">${t('worklist.chosen', { rooms: number(count('r')), buildings: number(count('b')) })}</span>
        <button type="button" class="quiet" data-testid="choose-all" ?disabled=${every.length === 0}
          @click=${() => panel.actions.rooms.choose(chosen.size === every.length ? [] : every)}>${
          t(chosen.size > 0 && chosen.size === every.length ? 'worklist.choose.none' : 'worklist.choose.all', { count: number(every.length) })}</button>
        <label><span>${t('worklist.to')}</span><select data-testid="assign-keeper" ?disabled=${keepers.length === 0} @change=${(event) => panel.actions.rooms.setKeeper(event.target.value)}>
          <option value="" ?selected=${keeper === ''}>${t('worklist.to.own')}</option>
          ${near.length ? html`<optgroup label=${t('worklist.to.near')}>${near.map(option)}</optgroup>` : ''}
          ${far.length ? html`<optgroup label=${t('worklist.to.far')}>${far.map(option)}</optgroup>` : ''}
        </select></label>
        <label><span>${t('worklist.due')}</span><input type="date" required .value=${due} min=${dateTime(panel.store.now(), panel.config.timeZone).slice(0, 10)}
          data-testid="assign-due" @change=${(event) => panel.actions.rooms.setDue(event.target.value)}></label>
        <button type="submit" class="primary" data-testid="assign-send" ?disabled=${sending || chosen.size === 0}>
          <shapan-icon name="insert"></shapan-icon>${t(sending ? 'worklist.sending' : 'worklist.assign')}</button>
      </form>
    </footer>`;
}

/** What was refused, called as people call it. */
function called(groups, key) {
  const id = Number(key.slice(1));
  for (const group of groups) {
    if (key[0] === 'b' && group.id === id) return group.name;
    const room = key[0] === 'r' && group.rooms.find((one) => one.id === id);
    if (room) return `${group.name} ${t('visit.room', { unit: room.unit, room: room.number })}`;
  }
  return t('worklist.gone');
}

function said(groups, outcome, fault) {
  const refused = outcome?.refused ?? [];
  return html`
    <div class="outcome" data-look=${fault || refused.length ? 'bad' : 'good'} role=${fault ? 'alert' : 'status'} data-testid="assign-outcome">
      <shapan-icon name=${fault || refused.length ? 'error' : 'check'}></shapan-icon>
      <div>
        ${outcome ? html`<b>${t('worklist.outcome', { taken: number(outcome.taken), known: number(outcome.known), refused: number(refused.length) })}</b>` : ''}
        ${fault ? html`<p><b>${t('worklist.outcome.failed')}</b> ${fault.detail || fault.title} ${fault.cure}</p>` : ''}
        ${refused.length ? html`<ul>${refused.slice(0, LISTED).map(({ key, reason, cure }) => html`<li><b>${called(groups, key)}</b> ${reason} ${cure}</li>`)}</ul>` : ''}
        ${refused.length > LISTED ? html`<p>${t('warning.rest', { count: number(refused.length - LISTED) })}</p>` : ''}
      </div></div>`;
}
