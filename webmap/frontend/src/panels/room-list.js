/** 楼盘表: the rooms of a building by unit and storey, each with its state; works without a map. */
import { html } from 'lit';
import { number } from '../format.js';
import { stacked, stepped, withAlarms } from '../buildings/household-terms.js';
import { countStates, ROOM_STATES } from '../buildings/room-states.js';
import { t } from '../i18n/index.js';
import { cardButtons } from './card-buttons.js';
import { Panel } from './panel.js';
import { trouble } from './trouble.js';

class RoomList extends Panel {
  static topics = ['household', 'alarms'];

  #shown = null;

  updated() {
    const { rooms, household } = this.store.state;
    const shown = rooms.status === 'closed' || household.status !== 'closed' ? null : rooms.buildingId;
    if (shown !== null && shown !== this.#shown) this.querySelector('.room-list')?.focus({ preventScroll: true });
    this.#shown = shown;
  }

  render() {
    const { rooms, household, card } = this.store.state;
    if (rooms.status === 'closed' || household.status !== 'closed') return '';
    const { status, buildingId, data } = rooms;
    const { building } = card;
    return html`
      <article class="panel card household room-list" tabindex="-1" aria-label=${t('rooms.title')} data-testid="room-list"
        data-status=${status} data-id=${buildingId}>
        <div class="card-back">
          <button type="button" class="quiet" data-testid="rooms-back" @click=${() => this.actions.household.back()}>
            <shapan-icon name="back"></shapan-icon>${t('room.back.building')}</button>
          ${cardButtons(this, 'rooms')}
        </div>
        <header><p class="card-kind">${t('rooms.title')}</p>
          <h2>${building?.name || building?.address || building?.code || ''}</h2></header>
        ${status === 'open' ? this.#rooms(data, rooms)
          : trouble(rooms, { what: 'rooms', retry: () => this.actions.household.retry() })}
      </article>`;
  }

  #rooms({ rooms: read, total }, { buildingId, unit: chosen, state }) {
    const rooms = withAlarms(read, buildingId, this.store.alarms.values());
    if (rooms.length === 0) return html`<p class="hint">${t('rooms.none')}</p>`;
    const units = stacked(rooms);
    const unit = units.find((one) => one.unit === chosen) ?? units[0];
    const { household } = this.actions;
    return html`
      ${units.length > 1 ? html`<div class="room-units" role="group" aria-label=${t('card.units')}>${units.map((one) => html`
        <button type="button" class="quiet" aria-pressed=${one === unit} data-testid="unit-${one.unit}"
          @click=${() => household.choose({ unit: one.unit })}>${t('place.unit', { unit: one.unit })}</button>`)}</div>` : ''}
      <div class="room-states" role="group" aria-label=${t('rooms.states')}>${Object.entries(countStates(rooms)).filter(([, count]) => count > 0).map(([name, count]) => html`
        <button type="button" class="quiet" aria-pressed=${state === name} data-state=${name} data-testid="state-${name}"
          @click=${() => household.choose({ state: state === name ? null : name })}><shapan-icon
            name=${ROOM_STATES[name]}></shapan-icon>${t(`room.state.${name}`)} <b>${number(count)}</b></button>`)}</div>
      <ol class="storeys" @keydown=${(event) => this.#step(event)}>${unit.floors.map(({ floor, rooms: list }, row) => html`
        <li><span class="storey">${t('place.floor', { floor })}</span>
          <span class="storey-rooms">${list.map((room, column) => this.#room(room, state, row === 0 && column === 0))}</span></li>`)}</ol>
      ${total > rooms.length ? html`<p class="hint">${t('rooms.more', { count: number(total - rooms.length) })}</p>` : ''}`;
  }

  #room(room, state, first) {
    const words = [room.number, t(`room.state.${room.state}`)].join(' · ');
    return html`<button type="button" class="room" data-state=${room.state} data-room=${room.id} tabindex=${first ? 0 : -1}
      ?data-dim=${state !== null && room.state !== state} title=${words} aria-label=${words}
      @click=${() => this.actions.household.open(room.id)}><shapan-icon name=${ROOM_STATES[room.state]}></shapan-icon>${
        room.number}</button>`;
  }

  /** One of the rooms takes the tab key, the arrow keys go from room to room. */
  #step(event) {
    const rows = [...this.querySelectorAll('.storey-rooms')].map((row) => [...row.children]);
    const row = rows.findIndex((list) => list.includes(event.target));
    if (row < 0 || !event.key.startsWith('Arrow')) return;
    const [to, column] = stepped([row, rows[row].indexOf(event.target)], event.key, rows.map(({ length }) => length));
    event.preventDefault();
    event.target.tabIndex = -1;
    rows[to][column].tabIndex = 0;
    rows[to][column].focus();
  }
}
customElements.define('shapan-room-list', RoomList);
