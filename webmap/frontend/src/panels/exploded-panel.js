/** 楼栋展开: which storey is shown, what the colours mean, the chosen room, and what has no place in the picture. */
import { html } from 'lit';
import { SEVERITIES, severityOf } from '../alarms/alarm-terms.js';
import { ROOM_STATES } from '../buildings/room-states.js';
import { floorWords, number } from '../format.js';
import { t, term } from '../i18n/index.js';
import { folding } from './folding.js';
import { Panel } from './panel.js';

/** Rooms without a place that are named; the rest is counted. */
const UNPLACED_MOST = 20;

const swatch = (state, severity = 'critical') => html`<i class="room-swatch" data-state=${state} data-severity=${severity}></i>`;

class ExplodedPanel extends Panel {
  static topics = ['exploded', 'card', 'alarms', 'past', 'folded'];

  render() {
    const { exploded } = this.store.state;
    if (exploded.status === 'closed') return '';
    const close = html`<button type="button" class="quiet icon-button" title=${t('exploded.close')} aria-label=${t('exploded.close')}
      data-testid="exploded-close" @click=${() => this.actions.exploded.collapse()}><shapan-icon name="collapse"></shapan-icon></button>`;
    return html`<div class="exploded" data-testid="exploded" data-status=${exploded.status} data-id=${exploded.id}
      data-floor=${exploded.floor ?? ''} data-room=${exploded.room ?? ''}>
      ${folding(this, 'exploded', () => this.#content(exploded), close)}</div>`;
  }

  #content(exploded) {
    const { status, error, contents } = exploded;
    if (status === 'loading') {
      return html`<div role="status" class="card-skeleton"><p class="hint">${t('exploded.loading')}</p>
        <div class="skeleton wide"></div><div class="skeleton block"></div></div>`;
    }
    if (status === 'missing') {
      return html`<div class="trouble" role="alert"><shapan-icon name="file"></shapan-icon>
        <p><b>${t('exploded.missing')}</b>${t('exploded.missing.hint')}</p></div>`;
    }
    if (status === 'failed') {
      return html`<div class="trouble" role="alert"><shapan-icon name="error"></shapan-icon>
        <p><b>${t('exploded.failed')}</b>${[error.title, error.detail, error.cure].filter(Boolean).map((words) => html`
          <span>${words}</span>`)}</p>
        <button type="button" @click=${() => this.actions.exploded.retry()}>${t('card.retry')}</button></div>`;
    }
    return html`${this.#name()}${this.#stepper(exploded)}
      ${contents.rooms.length === 0 ? this.#empty() : html`${this.#room(exploded)}${this.#legend(exploded)}${this.#unplaced(exploded)}`}
      ${this.#remarks(exploded)}`;
  }

  #name() {
    const { card, exploded } = this.store.state;
    const { name, address, code } = (card.id === exploded.id && card.building) || {};
    return html`<p class="exploded-name"><b>${name || address || code || ''}</b></p>`;
  }

  #stepper({ floor, scene: { floors } }) {
    const { exploded } = this.actions;
    const button = (icon, name, steps, disabled) => html`
      <button type="button" class="icon-button" title=${t(`exploded.${name}`)} aria-label=${t(`exploded.${name}`)} ?disabled=${disabled}
        data-testid="floor-${name}" @click=${() => exploded.stepFloor(steps)}><shapan-icon name=${icon}></shapan-icon></button>`;
    return html`
      <div class="stepper" role="group" aria-label=${t('exploded.floors')}>
        ${button('down', 'down', -1, floor === floors[0])}
        <output data-testid="floor-shown">${floor === null ? html`<b>${t('exploded.all')}</b> <span>${
          t('exploded.count', { count: number(floors.length) })}</span>` : html`<b>${floorWords(floor)}</b>`}</output>
        ${button('up', 'up', 1, floor === floors.at(-1))}
        <button type="button" class="single" aria-pressed=${floor !== null} data-testid="floor-single"
          @click=${() => exploded.toggleSingle()}>${t('exploded.single')}</button>
      </div>`;
  }

  /** The chosen room, as it is on record; who lives there is told elsewhere. */
  #room({ room: id, contents, scene }) {
    const room = contents.rooms.find((one) => one.id === id);
    if (!room) return html`<p class="hint">${t('exploded.choose')}</p>`;
    const unit = contents.units.find((one) => one.id === room.unit);
    const alarm = this.actions.exploded.picture.alarmOf(room.id);
    const facts = [
      ...(alarm ? [['alarm', html`${swatch('alarm', severityOf(alarm))}${t(`severity.${severityOf(alarm)}`)}`]] : []),
      ['state', html`${swatch(room.state)}${t(`room.state.${room.state}`)}`],
      ['use', term('use', room.use)],
      ['tenure', t(`tenure.${room.tenure}`)],
      ['area', Number.isFinite(room.area_m2) ? t('unit.square.metres', { value: number(room.area_m2, 1) }) : '—'],
      ['surveyed', room.surveyed_at ?? t('exploded.surveyed.never')],
    ];
    return html`
      <section class="room-facts" data-testid="room-facts" data-id=${room.id}>
        <h3><b>${[unit && t('place.unit', { unit: unit.number }), floorWords(room.floor), t('place.room', { room: room.number })]
          .filter(Boolean).join(' ')}</b>
          <button type="button" class="quiet icon-button" title=${t('exploded.room.clear')} aria-label=${t('exploded.room.clear')}
            @click=${() => this.actions.exploded.chooseRoom(null)}><shapan-icon name="close"></shapan-icon></button></h3>
        <dl class="facts">${facts.map(([name, value]) => html`<div><dt>${t(`exploded.${name}`)}</dt>
          <dd data-testid="room-${name}">${value}</dd></div>`)}</dl>
        ${scene.centres[room.id] ? '' : html`<p class="hint">${t('exploded.room.unplaced')}</p>`}
      </section>`;
  }

  #legend({ contents }) {
    const { states, lit, elsewhere } = this.actions.exploded.counts();
    const shown = Object.keys(ROOM_STATES).filter((state) => state !== 'alarm' && (state !== 'care' || contents.care));
    const alarmed = SEVERITIES.filter((severity) => lit[severity] > 0);
    return html`
      <ul class="room-legend" data-testid="room-legend">
        ${shown.map((state) => html`<li data-state=${state} data-none=${states[state] === 0}>${swatch(state)}
          <span>${t(`room.state.${state}`)}</span><b>${number(states[state])}</b></li>`)}
        ${alarmed.map((severity) => html`<li data-state="alarm">${swatch('alarm', severity)}
          <span>${t('exploded.lit', { severity: t(`severity.${severity}`) })}</span><b>${number(lit[severity])}</b></li>`)}
        ${alarmed.length === 0 ? html`<li data-state="alarm" data-none="true">${swatch('alarm')}
          <span>${t('room.state.alarm')}</span><b>0</b></li>` : ''}
      </ul>
      ${elsewhere > 0 ? html`<p class="hint" data-testid="alarms-elsewhere">${t('exploded.elsewhere', { count: number(elsewhere) })}</p>` : ''}`;
  }

  #unplaced({ scene: { unplaced }, contents }) {
    if (unplaced.length === 0) return '';
    const rooms = new Map(contents.rooms.map((room) => [room.id, room]));
    return html`
      <details class="unplaced" data-testid="unplaced"><summary>${t('exploded.unplaced', { count: number(unplaced.length) })}</summary>
        <ul>${unplaced.slice(0, UNPLACED_MOST).map(({ room, reason }) => html`<li>
          <button type="button" class="quiet" @click=${() => this.actions.exploded.chooseRoom(room)}>${
            t('place.room', { room: rooms.get(room)?.number ?? room })}</button><span>${t(`unplaced.${reason}`)}</span></li>`)}</ul>
        ${unplaced.length > UNPLACED_MOST ? html`<p class="hint">${
          t('exploded.unplaced.rest', { count: number(unplaced.length - UNPLACED_MOST) })}</p>` : ''}
      </details>`;
  }

  #empty() {
    return html`<div class="trouble none-yet" data-testid="exploded-empty"><shapan-icon name="door"></shapan-icon>
      <p><b>${t('exploded.empty')}</b>${t('exploded.empty.hint')}</p></div>`;
  }

  #remarks({ scene, contents: { left_out: left } }) {
    const { autoExplode } = this.store.state;
    return html`
      ${left > 0 ? html`<p class="hint bad">${t('exploded.left.out', { count: number(left) })}</p>` : ''}
      <p class="hint plan-remark" data-testid="plan" data-plan=${scene.plan}><span class="tag">${t('exploded.derived')}</span>
        ${t(scene.by_entrances ? 'exploded.derived.entrances' : 'exploded.derived.numbers')}</p>
      <label class="switch auto-explode"><span>${t('exploded.auto')}</span>
        <input type="checkbox" role="switch" .checked=${autoExplode} @change=${() => this.actions.exploded.setAuto(!autoExplode)}></label>`;
  }
}
customElements.define('shapan-exploded-panel', ExplodedPanel);
