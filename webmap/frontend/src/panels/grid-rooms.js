/** 待采集户室: the rooms of a grid that are still to visit, building by building. */
import { html } from 'lit';
import { number } from '../format.js';
import { t, term } from '../i18n/index.js';
import { roomsIn } from '../grids/room-groups.js';

/** Rooms of one building that are listed; its card, and a survey, hold the rest. */
const MOST = 100;

/** How many are to be visited in all: rooms on record that lack something, and rooms that are not on record. */
function total({ recorded, numerator, denominator }) {
  const words = [t('visit.incomplete', { count: number(recorded - numerator) })];
  if (denominator > recorded) words.push(t('visit.missing', { count: number(denominator - recorded) }));
  return words.join(' · ');
}

/** @param {import('./panel.js').Panel} panel @param {object} place the grid as `/api/grids/{code}` tells it */
export function roomsToVisit(panel, { rates }) {
  const { status, groups, next, error } = panel.store.state.grid.rooms;
  if (status === 'closed') return '';
  const housing = rates.find(({ kind }) => kind === 'housing');
  const done = status === 'open' && next === null;
  return html`
    <section data-testid="grid-rooms" data-status=${status}><h3>${t('visit.title')}</h3>
      <p class="rooms-total" data-testid="rooms-total">${total(housing)}</p>
      <ul>${groups.map((group) => building(panel, group))}</ul>
      ${status === 'loading' ? html`<div class="skeleton"></div>` : ''}
      ${status === 'failed' ? html`<p class="hint bad" role="alert">${error.title} ${error.cure || error.detail}</p>` : ''}
      ${done && groups.length === 0 ? html`<p class="hint">${t('visit.none')}</p>` : ''}
      ${done || status === 'loading' ? '' : html`<button type="button" class="quiet" data-testid="rooms-more"
        @click=${() => panel.actions.grids.more()}>${t(status === 'failed' ? 'card.retry' : 'visit.more')}</button>`}
    </section>`;
}

function building(panel, { id, name, rooms, gaps, missing }) {
  return html`
    <li class="rooms-of">
      <details><summary><span>${name}</span><b>${t('visit.count', { count: number(roomsIn([{ rooms, missing }])) })}</b></summary>
        <ul>
          ${rooms.slice(0, MOST).map(({ id: roomId, unit, floor, number: room, missing: fields }) => html`
            <li><button type="button" class="quiet link" title=${t('visit.room.go')} data-testid="room-to-visit" data-id=${roomId}
                @click=${() => panel.actions.opening.openRoomOfGrid(id, roomId)}>${t('visit.room', { unit, room })}</button>
              <span>${t('place.floor', { floor })}</span>
              <span class="rooms-lack">${fields.map((field) => term('visit.field', field)).join(t('list.comma'))}</span></li>`)}
          ${gaps.map(({ floor, expected, recorded }) => html`
            <li><b>${floor === null ? t('visit.gap') : t('place.floor', { floor })}</b>
              <span class="rooms-lack">${t('visit.gap.of', { recorded: number(recorded), expected: number(expected) })}</span></li>`)}
        </ul>
        ${rooms.length > MOST ? html`<p class="hint">${t('warning.rest', { count: number(rooms.length - MOST) })}</p>` : ''}
      </details>
      <button type="button" class="quiet icon-button" title=${t('visit.go')} aria-label="${t('visit.go')} ${name}" data-testid="rooms-building"
        data-id=${id} @click=${() => panel.actions.opening.openBuildingOfGrid(id)}><shapan-icon name="crosshair"></shapan-icon></button>
    </li>`;
}
