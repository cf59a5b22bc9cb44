/** The alarms that were open at an instant of the past: to be read and looked at, nothing more. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { countBySeverity, newestFirst, SEVERITIES, severityOf } from '../alarms/alarm-terms.js';
import { dateTime, number, shortDateTime } from '../format.js';
import { t } from '../i18n/index.js';
import { alarmSign } from './alarm-row.js';
import { placeWords, typeWords } from './alarm-words.js';
import { Panel } from './panel.js';
import { todayTag } from './past-words.js';

/** More rows than anyone reads; the rest is a number. */
const MOST_ROWS = 200;

class PastAlarms extends Panel {
  static topics = ['past'];

  /** The alarm that was brought into view: once, so that who scrolls is left alone. */
  #brought = null;

  updated() {
    const { selected } = this.store.state.past;
    if (selected === this.#brought) return;
    const row = this.querySelector('.alarm-go[aria-current="true"]');
    if (selected !== null && row === null) return; // not read yet
    this.#brought = selected;
    row?.scrollIntoView({ block: 'nearest' });
  }

  render() {
    const { on, alarms, picture } = this.store.state.past;
    if (!on) return '';
    const counts = countBySeverity(alarms);
    return html`
      <section class="panel alarm-panel past-alarms" aria-labelledby="past-alarms-title" data-testid="past-alarms"
        data-count=${picture?.alarms_total ?? ''}>
        <header>
          <h2 id="past-alarms-title">${t('past.alarms')}
            ${picture ? html`<small>${t('past.alarms.count', { count: number(picture.alarms_total) })}</small>` : ''}</h2>
          ${alarms.length > 0 ? html`<p class="past-severities">${SEVERITIES.filter((severity) => counts[severity] > 0).map((severity) => html`
            <span><shapan-severity severity=${severity}></shapan-severity>${t(`severity.${severity}`)} ${number(counts[severity])}</span>`)}</p>` : ''}
          <p class="hint">${t('past.alarms.hint')} ${todayTag()}</p>
        </header>
        ${this.#body(alarms, picture)}
      </section>`;
  }

  #body(alarms, picture) {
    if (picture === null) {
      return html`<p class="hint">${t(this.store.state.past.status === 'failed' ? 'past.alarms.unknown' : 'past.alarms.none.yet')}</p>`;
    }
    if (alarms.length === 0) return html`<div class="empty"><shapan-icon name="empty"></shapan-icon><p>${t('past.alarms.empty')}</p></div>`;
    return html`
      <div class="alarm-scroll">
        <ol class="alarm-list" data-testid="past-list">${repeat(newestFirst(alarms).slice(0, MOST_ROWS), ({ id }) => id, (one) => this.#row(one))}</ol>
      </div>
      ${picture.alarms_total > Math.min(alarms.length, MOST_ROWS)
        ? html`<p class="hint">${t('past.alarms.more', { count: number(picture.alarms_total - Math.min(alarms.length, MOST_ROWS)) })}</p>` : ''}`;
  }

  #row(alarm) {
    const { timeZone } = this.config;
    return html`
      <li class="alarm-row" data-row-id=${alarm.id} data-severity=${severityOf(alarm)} data-state=${alarm.state}>
        <button type="button" class="alarm-go" aria-current=${this.store.state.past.selected === alarm.id} @click=${() => this.actions.opening.flyToAlarm(alarm)}>
          ${alarmSign(alarm)}
          <span class="alarm-words">
            <span class="alarm-head"><b>${typeWords(alarm.type, this.store.state.alarmTypes)}</b>
              <time title=${dateTime(alarm.occurred_at, timeZone)}>${shortDateTime(alarm.occurred_at, timeZone)}</time></span>
            <span class="alarm-place" title=${placeWords(alarm)}>${placeWords(alarm)}</span>
            <span class="alarm-state">${t(`severity.${severityOf(alarm)}`)} · ${t(`state.${alarm.state}`)}${
              alarm.repeats > 1 ? ` · ${t('alarms.repeats', { count: number(alarm.repeats) })}` : ''}</span>
          </span>
        </button>
      </li>`;
  }
}
customElements.define('shapan-past-alarms', PastAlarms);
