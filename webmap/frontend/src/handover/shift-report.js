/** What changed since the last shift: as text, as tables, and what was frozen in that time. */
import { html } from 'lit';
import { dateTime, number, shortDateTime } from '../format.js';
import { language, named, t } from '../i18n/index.js';
import { placeWords, typeWords } from '../panels/alarm-words.js';
import { Panel } from '../panels/panel.js';
import { WINDOWS } from './page.js';
import { shiftSentences } from './shift-words.js';
import { trouble } from './trouble.js';

class ShiftReport extends Panel {
  static topics = ['shift', 'list', 'types'];

  #copied = false;

  render() {
    const { window: chosen, shift, list } = this.store.state;
    // What was left for whoever takes over comes before what a machine has counted.
    const waiting = list.handovers.some(({ accepted_by: acceptedBy }) => acceptedBy === null);
    return html`
      ${waiting ? this.#list() : ''}
      <article class="sheet" data-testid="shift" data-status=${shift.status}>
        <header>
          <h2>${t('shift.title')}</h2>
          <div class="segmented compact unprinted" role="radiogroup" aria-label=${t('shift.window')}>
            ${Object.keys(WINDOWS).map((name) => html`
              <button type="button" role="radio" aria-checked=${name === chosen} data-testid="window-${name}"
                @click=${() => this.actions.choose(name)}>${t(`shift.window.${name}`)}</button>`)}
          </div>
        </header>
        ${shift.status === 'ready' ? this.#changes(shift.changes) : trouble(shift, () => this.actions.readShift())}
      </article>
      ${waiting ? '' : this.#list()}`;
  }

  #changes(changes) {
    const { timeZone } = this.config;
    return html`
      <p class="hint">${dateTime(changes.from, timeZone)} — ${dateTime(changes.to, timeZone)}</p>
      <ul class="sentences" data-testid="sentences">${shiftSentences(changes).map((sentence) => html`<li>${sentence}</li>`)}</ul>
      <p class="unprinted"><button type="button" data-testid="copy" @click=${() => this.#copy(changes)}>
        <shapan-icon name=${this.#copied ? 'check' : 'copy'}></shapan-icon>${t(this.#copied ? 'shift.copied' : 'shift.copy')}</button></p>
      ${this.#urgent(changes.alarms.urgent)}
      ${this.#overdue(changes.events.longest_overdue)}`;
  }

  #urgent(alarms) {
    if (alarms.length === 0) return '';
    return html`
      <h3>${t('shift.urgent')}</h3>
      <table><thead><tr>${['severity', 'type', 'where', 'since', 'state', 'assignee'].map((name) => html`
        <th>${t(`shift.column.${name}`)}</th>`)}</tr></thead>
        <tbody>${alarms.map((alarm) => html`<tr data-severity=${alarm.severity}>
          <td><shapan-severity severity=${alarm.severity}></shapan-severity> ${t(`severity.${alarm.severity}`)}</td>
          <td><a href=${`${this.config.urls.sandbox}?alarm=${alarm.id}&lang=${language()}`}>${
            typeWords(alarm.type, this.store.state.types)}</a></td>
          <td>${placeWords(alarm)}</td>
          <td>${shortDateTime(alarm.occurred_at, this.config.timeZone)}</td>
          <td>${t(`state.${alarm.state}`)}</td>
          <td>${alarm.assignee ?? '—'}</td></tr>`)}</tbody></table>`;
  }

  #overdue(events) {
    if (events.length === 0) return '';
    return html`
      <h3>${t('shift.overdue')}</h3>
      <table><thead><tr>${['number', 'class', 'grid', 'due', 'state'].map((name) => html`<th>${t(`shift.column.${name}`)}</th>`)}</tr></thead>
        <tbody>${events.map((event) => html`<tr>
          <td>${event.code}</td>
          <td>${named({ name: event.class_name, name_en: event.class_name_en }) || event.class_code}</td>
          <td>${event.grid_name ?? event.grid_code}</td>
          <td>${shortDateTime(event.due_at, this.config.timeZone)}</td>
          <td>${t(`shift.event.${event.state}`)}</td></tr>`)}</tbody></table>`;
  }

  #list() {
    const { list } = this.store.state;
    return html`
      <article class="sheet" data-testid="handovers" data-status=${list.status}>
        <header><h2>${t('handovers.title')}</h2></header>
        ${list.status !== 'ready' ? trouble(list, () => this.actions.readShift())
          : list.handovers.length === 0 ? html`<p class="hint">${t('handovers.none')}</p>` : html`
            <ul class="handovers">${list.handovers.map((one) => this.#handover(one))}</ul>
            ${list.next ? html`<button type="button" class="unprinted" @click=${() => this.actions.readMore()}>${t('handovers.more')}</button>` : ''}`}
      </article>`;
  }

  #handover({ id, kind, at, account, note, accepted_by: acceptedBy, accepted_at: acceptedAt }) {
    const { timeZone, urls } = this.config;
    return html`<li data-id=${id} ?data-accepted=${acceptedBy !== null}>
      <a href=${`${urls.page}/${id}?lang=${language()}`}><shapan-icon name=${kind === 'alarm' ? 'alarm' : 'image'}></shapan-icon>
        ${t(`handovers.kind.${kind}`)} <code>#${number(id)}</code></a>
      <time>${dateTime(at, timeZone)}</time><span>${account}</span>
      <span class="note">${note ?? ''}</span>
      <span class=${acceptedBy ? 'tag' : 'tag waiting'}>${acceptedBy
        ? t('handovers.accepted', { account: acceptedBy, time: shortDateTime(acceptedAt, timeZone) }) : t('handovers.waiting')}</span></li>`;
  }

  async #copy(changes) {
    const { timeZone } = this.config;
    const head = `${t('shift.title')} ${dateTime(changes.from, timeZone)} — ${dateTime(changes.to, timeZone)}`;
    await navigator.clipboard.writeText([head, ...shiftSentences(changes)].join('\n'));
    this.#copied = true;
    this.requestUpdate();
  }
}
customElements.define('shapan-shift-report', ShiftReport);
