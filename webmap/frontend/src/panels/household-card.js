/** 住户卡片: one room, who lives there (masked), what stands there; one resident as they are, for a reason. */
import { html } from 'lit';
import { newestFirst, severityOf } from '../alarms/alarm-terms.js';
import { ago, dateTime, number } from '../format.js';
import { alarmsOf } from '../buildings/household-terms.js';
import { ROOM_STATES } from '../buildings/room-states.js';
import { isTerm, named, t, term } from '../i18n/index.js';
import { alarmSign } from './alarm-row.js';
import { typeWords } from './alarm-words.js';
import { cardButtons } from './card-buttons.js';
import { careTags, peopleWords } from './dossier-parts.js';
import { Panel } from './panel.js';
import { revealed, revealForm } from './reveal.js';
import { trouble } from './trouble.js';

export const stateTag = (state) => html`<span class="tag room-state" data-state=${state}><shapan-icon
  name=${ROOM_STATES[state]}></shapan-icon>${t(`room.state.${state}`)}</span>`;

const kindWords = ({ kind, kind_name: name, kind_name_en: english }) => (
  isTerm('device', kind) ? term('device', kind) : named({ name, name_en: english }) || kind);

class HouseholdCard extends Panel {
  static properties = { lacking: { state: true } };

  static topics = ['household', 'alarms'];

  #focused = null;
  #opener = null;
  #form = null;

  constructor() {
    super();
    this.lacking = null;
  }

  updated() {
    const { id, form } = this.store.state.household;
    if (id !== this.#focused) {
      if (this.#focused === null) this.#opener = document.activeElement;
      this.#focused = id;
      // Who clicks through rooms on the map stays there with the keyboard.
      if (id !== null && !document.activeElement?.closest('#map')) this.querySelector('.household')?.focus({ preventScroll: true });
      else if (this.#opener?.isConnected) this.#opener.focus({ preventScroll: true });
    }
    if (form !== this.#form && form !== null) this.querySelector('.reveal-form input')?.focus();
    if (form === null && this.#form !== null) this.querySelector(`[data-ask="${this.#form}"], .household`)?.focus();
    this.#form = form;
  }

  willUpdate() {
    if (this.store.state.household.form !== this.#form) this.lacking = null;
  }

  /** Whoever goes on writing is not told any more what was missing. */
  forgetLacking() {
    this.lacking = null;
  }

  render() {
    const { household, rooms, dossier } = this.store.state;
    if (household.status === 'closed') return '';
    const { status, id, data } = household;
    const behind = dossier.status !== 'closed' && dossier.tab === 'alarm' ? 'alarm' : 'building';
    const back = t(`room.back.${rooms.status === 'closed' ? behind : 'list'}`);
    return html`
      <article class="panel card household" tabindex="-1" aria-label=${t('room.title')} data-testid="household-card"
        data-status=${status} data-id=${id}>
        <div class="card-back">
          <button type="button" class="quiet" data-testid="household-back" @click=${() => this.actions.household.back()}>
            <shapan-icon name="back"></shapan-icon>${back}</button>
          ${cardButtons(this, 'household')}
        </div>
        ${status === 'open' ? this.#room(data)
          : trouble(household, { what: 'room', retry: () => this.actions.household.retry() })}
      </article>`;
  }

  #room(data) {
    const { room, building, people } = data;
    return html`
      <header>
        <p class="card-kind">${stateTag(room.state)}<span>${term('use', room.use)} · ${t(`tenure.${room.tenure}`)}</span></p>
        <h2 data-testid="room-name">${t('room.name', { unit: room.unit, floor: room.floor, room: room.number })}</h2>
        <p class="card-address"><shapan-icon name="building"></shapan-icon>${building.name || building.address || building.code}</p>
      </header>
      <dl class="figures three">
        <div><dt>${t('card.residents')}</dt><dd data-testid="room-residents">${peopleWords(people)}</dd></div>
        <div><dt>${t('card.households')}</dt><dd>${people.exact || people.households === 0
          ? number(people.households) : t('card.at.least', { count: number(people.households) })}</dd></div>
        <div><dt>${t('room.area')}</dt><dd>${room.area_m2 ? t('unit.square', { value: number(room.area_m2, 1) }) : '—'}</dd></div>
      </dl>
      ${this.#alarms(data)}
      ${this.#households(data)}
      ${this.#devices(data)}
      ${this.#organisations(data)}
      ${this.#photos(data)}
      <dl class="facts">
        <div><dt>${t('card.grid')}</dt><dd>${data.grid?.name || t('card.outside')}</dd></div>
        <div><dt>${t('room.surveyed')}</dt><dd>${room.surveyed_at ?? t('room.surveyed.never')}${
          room.surveyed ? '' : html` <span class="tag">${t('room.state.unsurveyed')}</span>`}</dd></div>
      </dl>`;
  }

  /** Live: what the stream says now. */
  #alarms(data) {
    const alarms = newestFirst(alarmsOf(this.store.alarms.values(), data));
    if (alarms.length === 0) return '';
    return html`
      <section><h3>${t('room.alarms')}</h3>
        <ul class="card-alarms">${alarms.slice(0, 5).map((alarm) => html`
          <li data-severity=${severityOf(alarm)} data-state=${alarm.state}>${alarmSign(alarm)}
            <button type="button" class="quiet open-alarm" title=${t('dossier.open')}
              @click=${() => this.actions.opening.selectAlarm(alarm)}><b>${typeWords(alarm.type, this.store.state.alarmTypes)}</b>
              <time title=${dateTime(alarm.occurred_at, this.config.timeZone)}>${
                ago(alarm.occurred_at, this.store.now())}</time></button></li>`)}</ul>
      </section>`;
  }

  #households({ households, hidden, people }) {
    if (households === null) {
      return html`<section><h3>${t('room.people')}</h3><p class="hint hidden-people" data-testid="people-hidden">
        <shapan-icon name="ban"></shapan-icon>${t(`room.hidden.${hidden}`)}</p></section>`;
    }
    const persons = households.flatMap(({ residents }) => residents);
    return html`
      <section data-testid="households"><h3>${t('room.people')}</h3>
        ${hidden === 'no_key' ? html`<p class="hint bad">${t('reason.no_key')}</p>` : ''}
        ${persons.length === 0 ? html`<p class="hint">${t('room.nobody')}</p>` : households.map((one) => html`
          ${households.length > 1 || one.kind !== 'family' ? html`<h4>${t('room.household', { number: one.number })} · ${
            t(`household.${one.kind}`)}</h4>` : ''}
          <ul class="members">${one.residents.map((person) => this.#person(person))}</ul>`)}
        ${people.exact && people.residents > persons.length && persons.length > 0
          ? html`<p class="hint">${t('room.more', { count: number(people.residents - persons.length) })}</p>` : ''}
      </section>`;
  }

  #person(person) {
    const { household: { form, revealed: shown } } = this.store.state;
    const { household } = this.actions;
    const facts = [person.sex && t(`sex.${person.sex}`), person.age && t(`age.${person.age}`),
      person.registration && t(`card.registration.${person.registration}`)].filter(Boolean).join(' · ');
    const open = shown.get(person.id);
    return html`
      <li data-resident=${person.id} ?data-revealed=${open !== undefined}>
        <div class="member"><b>${person.name ?? t('people.no.name')}</b>
          <div class="member-facts"><span>${facts}</span>${
            careTags((person.care ?? []).map((category) => ({ category, count: 1 })))}</div>
          <span class="masked">${person.phone ?? ''}</span>
          ${household.mayReveal && open === undefined ? html`<button type="button" class="quiet ask" data-ask=${person.id}
            aria-expanded=${form === person.id} title=${t('reveal.hint')}
            @click=${() => household.ask(form === person.id ? null : person.id)}><shapan-icon name="eye"></shapan-icon>${
              t('reveal.ask')}</button>` : ''}</div>
        ${open === undefined ? '' : revealed(this, person, open)}
        ${form === person.id ? revealForm(this, person) : ''}
      </li>`;
  }

  #devices({ devices }) {
    if (devices === null || devices.length === 0) return '';
    return html`
      <section><h3>${t('room.devices')}</h3>
        <ul class="room-devices">${devices.map((one) => html`
          <li><span><b>${one.name || kindWords(one)}</b> <code>${one.code}</code></span>
            <span>${one.alarms > 0 ? html`<span class="tag bad"><shapan-icon name="alarm"></shapan-icon>${number(one.alarms)}</span>` : ''}
            ${one.freshness ? html`<span class="tag"><shapan-icon name=${
              one.freshness === 'fresh' ? 'check' : 'device-off'}></shapan-icon>${t(`freshness.${one.freshness}`)}</span>` : ''}</span></li>`)}</ul>
      </section>`;
  }

  /** Of surveys; each look is written down. */
  #photos({ photos }) {
    if (!photos?.length) return '';
    const { status, urls, error } = this.store.state.household.photos;
    return html`
      <section class="room-photos" data-testid="room-photos"><h3>${t('room.photos', { count: number(photos.length) })}</h3>
        ${urls.map((url, at) => html`<img src=${url} alt=${t('room.photos.alt', { number: at + 1, day: photos[at].day })}
          title=${photos[at].day}>`)}
        ${status === 'hidden' ? html`<button type="button" data-testid="room-photos-look" @click=${() => this.actions.household.lookAtPhotos()}>
          <shapan-icon name="eye"></shapan-icon>${t('room.photos.look')}</button> <small class="hint">${t('room.photos.hint')}</small>` : ''}
        ${status === 'loading' ? html`<p class="hint" role="status">${t('room.photos.loading')}</p>` : ''}
        ${error ? html`<p class="hint bad" role="alert">${error.status === 429
          ? t('room.photos.many', { minutes: Math.ceil((error.retryS ?? 60) / 60) }) : `${t('room.photos.failed')} ${error.title}`}</p>` : ''}
      </section>`;
  }

  /** Organisations are on record by building: the card says so. */
  #organisations({ organisations, room }) {
    if (organisations.length === 0 || room.use === 'residential') return '';
    return html`
      <section><details class="room-organisations"><summary>${t('room.organisations', {
        count: number(organisations.length) })}</summary>
        <p class="hint">${t('room.organisations.hint')}</p>
        <ul>${organisations.map(({ name, industry }) => html`<li><b>${name}</b> <span>${industry ?? ''}</span></li>`)}</ul>
      </details></section>`;
  }
}
customElements.define('shapan-household-card', HouseholdCard);
