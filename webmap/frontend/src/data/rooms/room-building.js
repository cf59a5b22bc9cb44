/** One building of the worklist: its units and storeys, rooms with what they lack, storeys with rooms missing. */
import { html } from 'lit';
import { floorWords, number } from '../../format.js';
import { t, term } from '../../i18n/index.js';
import { buildingKey, choosable, chosenOf, roomKey, storeysOf } from './worklist.js';

/** What a room lacks, in words: "缺面积、缺用途"; a field that has no word stands as it is called. */
export const lacks = (fields) => fields.map((field) => term('visit.field', field)).join(t('list.comma'));

/** A box for several things at once: ticked, empty, or a dash for a part. */
const box = (panel, keys, chosen, name, label) => {
  const state = chosenOf(keys, chosen);
  return html`<input type="checkbox" class="choose" .checked=${state === true} .indeterminate=${state === null} ?disabled=${keys.length === 0}
    data-testid=${name} aria-label=${label} @click=${(event) => event.stopPropagation()} @change=${() => panel.actions.rooms.toggle(keys)}>`;
};

/** @param {import('../../panels/panel.js').Panel} panel @param {object} group @param {Set<string>} chosen @param {boolean} open */
export function building(panel, group, chosen, open) {
  const assigns = panel.config.mayAssign;
  const keys = choosable(group);
  const assigned = group.rooms.filter(({ task_id: task }) => task !== null).length + new Set(group.gaps.filter(({ task_id: task }) => task !== null).map(({ building_id: id }) => id)).size;
  return html`
    <details class="work-building" data-testid="work-building" data-code=${group.code} ?open=${open && group.rooms.length > 0}>
      <summary>
        ${assigns ? box(panel, keys, chosen, 'choose-building', t('worklist.choose.building', { building: group.name })) : ''}
        <shapan-icon name="chevron"></shapan-icon>
        <b>${group.name}</b><small>${group.code}</small>
        <span class="work-counts">
          ${group.rooms.length ? html`<span data-testid="building-incomplete">${t('visit.incomplete', { count: number(group.rooms.length) })}</span>` : ''}
          ${group.missing ? html`<span>${t('visit.missing', { count: number(group.missing) })}</span>` : ''}
          ${assigned ? html`<span class="assigned"><shapan-icon name="check"></shapan-icon>${t('worklist.assigned.count', { count: number(assigned) })}</span>` : ''}
        </span>
      </summary>
      ${storeysOf(group).map(({ unit, storeys }) => html`
        <div class="work-unit"><h4>${t('place.unit', { unit })}</h4>
          ${storeys.map(({ floor, rooms }) => html`
            <div class="work-storey">
              ${assigns ? box(panel, rooms.filter(({ task_id: task }) => task === null).map(({ id }) => roomKey(id)), chosen, 'choose-storey',
                t('worklist.choose.storey', { building: group.name, unit, floor: floorWords(floor) })) : ''}
              <b>${floorWords(floor)}</b>
              <ul>${rooms.map((room) => chip(panel, room, chosen, assigns))}</ul>
            </div>`)}
        </div>`)}
      ${group.gaps.length ? gaps(panel, group, chosen, assigns) : ''}
    </details>`;
}

function chip(panel, { id, number: room, missing, task_id: task }, chosen, assigns) {
  const inside = html`<b>${t('place.room', { room })}</b><span>${lacks(missing)}</span>`;
  if (task !== null) {
    return html`<li class="room-chip" data-assigned data-testid="room" data-id=${id} title=${t('worklist.assigned.task', { task })}>
      <shapan-icon name="check"></shapan-icon>${inside}<em>${t('worklist.assigned')}</em></li>`;
  }
  if (!assigns) return html`<li class="room-chip" data-testid="room" data-id=${id}>${inside}</li>`;
  return html`<li><label class="room-chip" data-testid="room" data-id=${id}><input type="checkbox" class="choose" .checked=${chosen.has(roomKey(id))}
    @change=${() => panel.actions.rooms.toggle([roomKey(id)])}>${inside}</label></li>`;
}

/** Storeys with fewer rooms than were declared; the whole building is given out to find them. */
function gaps(panel, group, chosen, assigns) {
  const task = group.gaps.find(({ task_id: one }) => one !== null)?.task_id ?? null;
  const words = group.gaps.map(({ floor, expected, recorded }) => html`<li>${floor === null ? t('visit.gap') : floorWords(floor)}
    <b>${t('visit.gap.of', { recorded: number(recorded), expected: number(expected) })}</b></li>`);
  return html`
    <div class="work-gaps" data-testid="gaps" ?data-assigned=${task !== null}>
      ${task !== null ? html`<shapan-icon name="check"></shapan-icon>` : assigns ? box(panel, [buildingKey(group.id)], chosen, 'choose-gaps', t('worklist.choose.gaps', { building: group.name })) : ''}
      <span>${t('worklist.gaps')}${task !== null ? html` <em>${t('worklist.assigned')}</em>` : ''}</span><ul>${words}</ul>
    </div>`;
}
