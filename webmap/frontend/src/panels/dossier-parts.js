/** The parts of a dossier: who is there, who is above and below, what is near, whose grid it is, the device. */
import { html } from 'lit';
import { severityOf } from '../alarms/alarm-terms.js';
import { ago, distance, duration, number, shortDateTime } from '../format.js';
import { isTerm, named, t, term } from '../i18n/index.js';
import { NEAR } from '../exploded/near-ends.js';
import { typeWords } from './alarm-words.js';
import { variables } from './panel.js';

/** Rows of the history that are shown. */
const HISTORY = 5;

const reason = (name, reasons) => html`<p class="hint">${t(`reason.${reasons[name] ?? 'not_known'}`)}</p>`;

/** The word for a kind of device: this page's, else the one on record, else the code. */
export function kindWords({ kind, kind_name: name, kind_name_en: english }) {
  return isTerm('device', kind) ? term('device', kind) : named({ name, name_en: english }) || kind;
}

const phone = (value) => (value ? html`<a class="phone" href="tel:${value}"><shapan-icon name="phone"></shapan-icon>${value}</a>` : '');

/** 3 人, or 5 人以上 where only the class of a count may be seen. */
export function peopleWords({ residents, exact }) {
  return t(exact || residents === 0 ? 'people.count' : 'people.at.least', { count: number(residents) });
}

export const careTags = (care) => (care ?? []).map(({ category, count }) => html`
  <span class="tag care-tag">${term('care', category)}${count > 1 ? ` ${number(count)}` : ''}</span>`);

/**
 * All parts, in the order in which they are needed.
 * @param {import('./panel.js').Panel} panel
 * @param {object} parts as the dossier tells them
 * @param {{onMap?: boolean}} [where] beside a map, where buttons lead on; not on paper
 */
export function dossierParts(panel, parts, { onMap = true } = {}) {
  return html`${people(panel, parts, onMap)}${neighbours(parts)}${nearest(panel, parts, onMap)}${grid(panel, parts)}${device(panel, parts)}`;
}

function people(panel, { people: here, households, room, reasons }, onMap) {
  return html`
    <section data-testid="dossier-people"><h3>${t('dossier.people')}</h3>
      ${here === null ? reason('people', { people: 'no_room' }) : html`
        <p class="people-sum"><shapan-icon name="users"></shapan-icon><b>${peopleWords(here)}</b>
          ${here.exact ? html`<span>${t('people.households', { count: number(here.households) })}</span>` : ''}
          <span>${t('place.room', { room: room.number })} · ${term('use', room.use)}</span></p>
        ${households === null ? reason('households', reasons) : html`
          <ul class="persons">${households.flatMap(({ residents }) => residents).map((one) => html`
            <li><b>${one.name ?? t('people.no.name')}</b>
              <span>${[one.sex && t(`sex.${one.sex}`), one.registration && t(`card.registration.${one.registration}`)]
                .filter(Boolean).join(' · ')}</span>
              ${(one.care ?? []).map((category) => html`<span class="tag care-tag">${term('care', category)}</span>`)}
              ${one.phone ? html`<span class="masked">${one.phone}</span>` : ''}</li>`)}</ul>`}
        ${onMap ? html`<button type="button" class="quiet to-household" data-testid="to-household"
          @click=${() => panel.actions.opening.openHousehold(room.id)}><shapan-icon name="users"></shapan-icon>${
            t('dossier.household')}</button>` : ''}`}
    </section>`;
}

function neighbours({ neighbours: around, room, floor, people: here, riser_devices: devices, reasons }) {
  const { above, below, same_floor: beside, rule } = around;
  const level = (one, side) => html`
    <li class=${side}><span class="level">${t(`neighbours.${side}`)}</span><b>${t('place.room', { room: one.number })}</b>
      <span>${peopleWords(one.people)}</span>${careTags(one.people.care)}</li>`;
  const alarmed = devices.filter(({ alarms }) => alarms.length > 0);
  const people = beside.reduce((sum, one) => sum + one.people.residents, 0);
  if (room === null && above.length + below.length + beside.length + alarmed.length === 0) return '';
  return html`
    <section data-testid="dossier-neighbours"><h3>${t('dossier.neighbours')}</h3>
      ${above.length + below.length === 0 ? (rule === null ? reason('neighbours', reasons)
        : html`<p class="hint">${t('neighbours.none')}</p>`) : html`
        <ol class="riser">
          ${above.toReversed().map((one) => level(one, 'above'))}
          <li class="here"><span class="level">${t('neighbours.here')}</span><b>${room ? t('place.room', { room: room.number })
            : t('place.floor', { floor })}</b>${here ? html`<span>${peopleWords(here)}</span>` : ''}</li>
          ${below.map((one) => level(one, 'below'))}
        </ol>`}
      ${beside.length > 0 ? html`<p class="hint">${t('neighbours.beside', {
        rooms: number(beside.length), people: number(people) })}</p>` : ''}
      ${alarmed.length > 0 ? html`<p class="hint bad" data-testid="riser-alarms"><shapan-icon name="alarm"></shapan-icon>
        ${t('neighbours.alarmed', { count: number(alarmed.length), names: alarmed.slice(0, 3).map(
          ({ name, code }) => name || code).join(t('words.join')) })}</p>` : ''}
    </section>`;
}

/** One of eight directions, clockwise from north. */
const compass = (degrees) => t(`compass.${Math.round(degrees / 45) % 8}`);

/** Its name; of a camera the way to its card. */
function nearName(panel, kind, { name, code }) {
  if (kind !== 'cameras' || !panel.config.urls.devices) return name || code;
  return html`<button type="button" class="quiet near-open" data-testid="near-camera" title=${t('near.camera.open')}
    @click=${() => panel.actions.opening.goToThing('device', code, { beside: true })}><shapan-icon name="play"></shapan-icon>${name || code}</button>`;
}

function near(panel, kind, one) {
  const inside = one.same_floor ? t('near.same.floor') : one.same_building ? t('near.same.building') : '';
  return html`
    <li data-near=${kind}><span class="near-name">${nearName(panel, kind, one)}
      ${inside ? html`<span class="tag">${inside}</span>` : ''}
      ${one.freshness && one.freshness !== 'fresh' ? html`<span class="tag">${t(`freshness.${one.freshness}`)}</span>` : ''}</span>
      ${kind === 'keepers' ? phone(one.phone) : ''}
      <span class="near-far">${one.bearing_deg === null ? '' : html`<i class="arrow" ${
        variables({ bearing: `${one.bearing_deg}deg` })}><shapan-icon name="direction"></shapan-icon></i>${
        compass(one.bearing_deg)} `}${distance(one.metres)}</span></li>`;
}

/** The switch of the lines on the map; without a map there are none. */
function linesButton({ actions, store }) {
  if (document.documentElement.dataset.webgl === 'none') return '';
  return html`<button type="button" class="quiet near-lines" aria-pressed=${store.state.nearLines} title=${t('near.lines')}
    data-testid="near-lines" @click=${() => actions.nearLines.toggle()}><shapan-icon name="lines"></shapan-icon>${
    t('near.lines')}</button>`;
}

function nearest(panel, { nearest: found, reasons }, onMap) {
  return html`
    <section data-testid="dossier-nearest"><h3 class="with-button">${t('dossier.nearest')}${onMap ? linesButton(panel) : ''}</h3>
      <dl class="nearest">
        ${Object.entries(NEAR).map(([kind, icon]) => html`
          <div><dt><shapan-icon name=${icon}></shapan-icon>${t(`near.${kind}`)}</dt>
            <dd>${found[kind]?.length ? html`<ul>${near(panel, kind, found[kind][0])}</ul>
              ${found[kind].length > 1 ? html`<details><summary>${
                t(kind === 'keepers' ? 'near.more.keepers' : 'near.more', { count: number(found[kind].length - 1) })}</summary><ul>${
                found[kind].slice(1).map((one) => near(panel, kind, one))}</ul></details>` : ''}` : reason(kind, reasons)}</dd></div>`)}
      </dl>
    </section>`;
}

function grid(panel, { grid: found, areas, reasons }) {
  return html`
    <section data-testid="dossier-grid"><h3>${t('dossier.grid')}</h3>
      ${found === null ? reason('grid', reasons) : html`
        <p class="grid-name"><b>${found.name ?? found.code}</b> <code>${found.code}</code>
          <span>${areas.map(named).join(' / ')}</span></p>
        ${found.keepers.length === 0 ? html`<p class="hint">${t('card.keeper.none')}</p>` : html`
          <ul class="keepers">${found.keepers.map((one) => html`<li class="keeper"><shapan-icon name="keeper"></shapan-icon>
            <b>${one.name}</b>${phone(one.phone)}</li>`)}</ul>`}`}
    </section>`;
}

function device(panel, { device: found, history, alarm, reasons }) {
  const { timeZone } = panel.config;
  const now = panel.store.now();
  const others = (history?.alarms ?? []).filter(({ id }) => id !== alarm.id);
  return html`
    <section data-testid="dossier-device"><h3>${t('dossier.device')}</h3>
      ${found === null ? reason('device', reasons) : html`
        <p class="device-name"><b>${found.name || found.code}</b> <code>${found.code}</code></p>
        <p class="device-facts"><span>${kindWords(found)}</span>
          ${found.freshness ? html`<span class="tag" data-testid="freshness"><shapan-icon name=${
            found.freshness === 'fresh' ? 'check' : 'device-off'}></shapan-icon>${t(`freshness.${found.freshness}`)}${
            found.last_seen ? ` · ${ago(found.last_seen, now)}` : ''}</span>` : ''}</p>`}
      ${history === null ? '' : html`
        <p class="hint">${t('dossier.history', { days: number(history.days), count: number(history.count) })}</p>
        ${others.length > 0 ? html`<ul class="history">${others.slice(0, HISTORY).map((one) => html`
          <li data-severity=${severityOf(one)}><shapan-severity severity=${severityOf(one)}></shapan-severity>
            <span>${typeWords(one.type, panel.store.state.alarmTypes)}</span><time>${shortDateTime(one.received_at, timeZone)}</time>
            <span>${one.closed_at ? t('state.closed') : one.active ? t('history.active') : t('state.cleared_ack')}${
              one.cleared_at ? ` · ${duration(Date.parse(one.cleared_at) - Date.parse(one.received_at))}` : ''}</span></li>`)}</ul>` : ''}`}
    </section>`;
}
