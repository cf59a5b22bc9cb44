/** 楼栋卡片: everything on record about one building, as counts; no person is named here. */
import { html } from 'lit';
import { isUnacknowledged, newestFirst, severityOf } from '../alarms/alarm-terms.js';
import { ago, dateTime, number, placeInBuilding } from '../format.js';
import { alarmKey } from '../alarms/handling.js';
import { named, t, term } from '../i18n/index.js';
import { alarmSign } from './alarm-row.js';
import { typeWords } from './alarm-words.js';
import { cardButtons } from './card-buttons.js';
import { Panel, variables } from './panel.js';
import { todayTag } from './past-words.js';

const REGISTRATIONS = ['registered', 'floating', 'overseas'];

class BuildingCard extends Panel {
  static topics = ['card', 'alarms', 'dossier', 'past', 'exploded'];

  static interval = 5000;

  render() {
    const { card, dossier } = this.store.state;
    if (card.status === 'closed') return '';
    return html`
      <article class="panel card" data-testid="building-card" data-status=${card.status} data-id=${card.id}
        ?hidden=${dossier.status !== 'closed' && dossier.tab !== 'building'}>
        ${cardButtons(this, 'card')}
        ${this.#content(card)}
      </article>`;
  }

  #content(card) {
    if (card.status === 'loading') {
      return html`<div role="status" aria-label=${t('card.loading')} class="card-skeleton">
        <div class="skeleton wide"></div><div class="skeleton"></div><div class="skeleton block"></div></div>`;
    }
    if (card.status === 'missing') {
      return html`<h2>${t('card.missing')}</h2><p class="hint">${t('card.missing.hint')}</p>`;
    }
    if (card.status === 'failed') {
      return html`<h2>${t('card.failed')}</h2>
        <p class="hint">${card.error.title} ${card.error.detail} ${card.error.cure}</p>
        <button type="button" @click=${() => this.actions.city.card.retry()}>${t('card.retry')}</button>`;
    }
    return this.#building(card.building);
  }

  #building(building) {
    return html`
      <header>
        <p class="card-kind"><shapan-icon name=${building.use ?? 'other'}></shapan-icon>${term('use', building.use)}
          <code data-testid="card-code">${building.code}</code>${this.store.state.past.on ? todayTag() : ''}</p>
        <h2 data-testid="card-name" title=${building.name || building.address || ''}>${building.name || building.address || building.code}</h2>
        <p class="card-address" data-testid="card-address">
          <shapan-icon name="pin"></shapan-icon>${building.address || t('card.address.none')}</p>
      </header>
      ${this.#explode(building)}
      ${this.#numbers(building)}
      ${this.#responsible(building)}
      ${this.#population(building)}
      ${this.#care(building.care)}
      ${this.#alarms(building)}`;
  }

  /** The button that takes it apart; without a map there is nothing to take apart. */
  #explode({ id }) {
    if (document.documentElement.dataset.webgl === 'none') return '';
    const { exploded } = this.actions;
    const open = exploded.state.id === id;
    return html`<button type="button" class="explode-button" title=${t(open ? 'exploded.close' : 'exploded.open.hint')}
      data-testid="explode" aria-pressed=${open} @click=${() => (open ? exploded.collapse() : exploded.open(id))}>
      <shapan-icon name=${open ? 'collapse' : 'apart'}></shapan-icon>${t(open ? 'exploded.close' : 'exploded.open')}</button>`;
  }

  #numbers(building) {
    const { counts = {} } = building;
    const floors = [
      t('card.floors.value', { above: number(building.floors_above) }),
      building.floors_below ? t('card.floors.below', { below: number(building.floors_below) }) : '',
    ].filter(Boolean).join(' · ');
    const facts = [
      ['floors', floors],
      ['height', Number.isFinite(building.height_m) ? t('unit.metres', { value: number(building.height_m, 1) }) : '—'],
      ['built', building.built_year ? t('card.built.value', { year: building.built_year }) : '—'],
    ];
    return html`
      <dl class="figures">
        ${['residents', 'households', 'rooms', 'units'].map((name) => html`
          <div><dt>${t(`card.${name}`)}</dt><dd data-testid="card-${name}">${['residents', 'households'].includes(name) && !counts.exact && counts[name] > 0
            ? t('card.at.least', { count: number(counts[name]) }) : number(counts[name])}</dd></div>`)}
      </dl>
      ${this.config.me.permissions.includes('rooms.read') && counts.rooms > 0 ? html`
        <button type="button" class="to-rooms" data-testid="to-rooms" @click=${() => this.actions.household.list(building.id)}>
          <shapan-icon name="door"></shapan-icon>${t('card.to.rooms')}</button>` : ''}
      <dl class="facts">
        ${facts.map(([name, value]) => html`<div><dt>${t(`card.${name}`)}</dt>
          <dd data-testid="card-${name}">${value}</dd></div>`)}
      </dl>`;
  }

  #responsible({ grid, area, keeper }) {
    return html`
      <dl class="facts">
        <div><dt>${t('card.area')}</dt><dd data-testid="card-area">${named(area) || t('card.outside')}</dd></div>
        <div><dt>${t('card.grid')}</dt><dd data-testid="card-grid">${grid?.name || t('card.outside')}
          ${grid ? html`<code>${grid.code}</code>` : ''}</dd></div>
        ${this.config.me.permissions.includes('keepers.named') ? html`<div><dt>${t('card.keeper')}</dt><dd data-testid="card-keeper">${keeper
          ? html`<span class="keeper"><shapan-icon name="keeper"></shapan-icon>${keeper.name}
              ${keeper.phone ? html`<a class="phone" href="tel:${keeper.phone}"><shapan-icon name="phone"></shapan-icon>${
                keeper.phone}</a>` : ''}</span>`
          : t('card.keeper.none')}</dd></div>` : ''}
      </dl>`;
  }

  #population({ registration }) {
    const total = REGISTRATIONS.reduce((sum, name) => sum + (registration?.[name] ?? 0), 0);
    if (total === 0) return '';
    return html`
      <section><h3>${t('card.registration')}</h3>
        <div class="shares" aria-hidden="true">
          ${REGISTRATIONS.map((name) => html`<i class=${name} ${variables({ share: registration[name] ?? 0 })}></i>`)}
        </div>
        <dl class="share-words">
          ${REGISTRATIONS.map((name) => html`<div class=${name}><dt>${t(`card.registration.${name}`)}</dt>
            <dd>${number(registration[name] ?? 0)}</dd></div>`)}
        </dl>
      </section>`;
  }

  #care(care) {
    if (care === undefined) return '';
    return html`
      <section><h3>${t('card.care')}</h3>
        ${care === null ? html`<p class="hint">${t('card.care.hidden')}</p>` : care.length === 0
          ? html`<p class="hint">${t('card.care.none')}</p>`
          : html`<ul class="care">${care.map(({ category, count }) => html`
              <li>${term('care', category)}<b>${number(count)}</b></li>`)}</ul>`}
      </section>`;
  }

  /** Live, or of the instant that is looked back at: not what the card's answer said when it was opened. */
  #alarms({ id }) {
    const alarms = newestFirst(this.store.shownAlarms().filter((alarm) => alarm.building_id === id));
    if (alarms.length === 0) return '';
    return html`
      <section><h3>${t('card.alarms')}</h3>
        <ul class="card-alarms">
          ${alarms.slice(0, 8).map((alarm) => html`
            <li data-severity=${severityOf(alarm)} data-state=${alarm.state}>
              ${alarmSign(alarm)}
              <button type="button" class="quiet open-alarm" title=${t('dossier.open')}
                @click=${() => this.actions.opening.selectAlarm(alarm)}><b>${
                  typeWords(alarm.type, this.store.state.alarmTypes)}</b> ${placeInBuilding(alarm)}
                <time title=${dateTime(alarm.occurred_at, this.config.timeZone)}>${
                  ago(alarm.occurred_at, this.store.now())}</time></button>
              ${isUnacknowledged(alarm) && this.actions.desk.mayHandle && !this.store.state.past.on ? html`<button type="button" class="acknowledge"
                ?disabled=${this.store.state.busy.has(alarmKey(alarm.id))}
                @click=${() => this.actions.desk.take(alarm.id, 'acknowledge')}>${t('handling.acknowledge')}</button>` : ''}
            </li>`)}
        </ul>
      </section>`;
  }
}
customElements.define('shapan-building-card', BuildingCard);
