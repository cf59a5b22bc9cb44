/** The open alarms beside the map, newest first; a click flies there. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { countBySeverity, isUnacknowledged, newestFirst, SEVERITIES, severityOf, typeIcon } from '../alarm-terms.js';
import { ago, dateTime, number, placeInBuilding } from '../format.js';
import { t, term } from '../i18n/index.js';
import { Panel } from './panel.js';

/** More rows than anyone reads; the rest is a number. */
const MOST_ROWS = 100;

/** Where an alarm is, as far as it is known: building and the place in it, else device, else grid. */
export function placeWords(alarm) {
  const building = alarm.building_name || alarm.address || alarm.building_code;
  return [building || alarm.device_name || alarm.grid_code || t('alarms.noplace'), placeInBuilding(alarm)]
    .filter(Boolean).join(' · ');
}

class AlarmList extends Panel {
  static topics = ['alarms', 'connection', 'view'];

  static interval = 5000;

  render() {
    const all = [...this.store.alarms.values()];
    const { severities } = this.store.state;
    const pending = all.filter(isUnacknowledged).length;
    const shown = newestFirst(severities ? all.filter((alarm) => severityOf(alarm) === severities) : all);
    return html`
      <section class="panel alarm-panel" aria-labelledby="alarms-title">
        <header>
          <h2 id="alarms-title">${t('alarms.title')}
            ${pending > 0 ? html`<small>${t('alarms.pending', { count: number(pending) })}</small>` : ''}</h2>
          ${this.#filters(countBySeverity(all))}
        </header>
        ${this.#body(all, shown)}
      </section>`;
  }

  #filters(counts) {
    const { severities } = this.store.state;
    return html`<div class="filters">
      ${SEVERITIES.filter((severity) => counts[severity] > 0 || severity === severities).map((severity) => html`
        <button type="button" class="chip" aria-pressed=${severity === severities}
          title=${t('alarms.filter', { severity: t(`severity.${severity}`) })}
          @click=${() => this.actions.filterSeverity(severity === severities ? null : severity)}>
          <shapan-severity severity=${severity}></shapan-severity>${number(counts[severity])}
          <span class="unseen">${t(`severity.${severity}`)}</span>
        </button>`)}
    </div>`;
  }

  #body(all, shown) {
    if (!this.store.alarmsKnown) {
      return html`<p class="hint" role="status">${t('alarms.loading')}</p>`;
    }
    if (all.length === 0) {
      return html`<div class="empty"><shapan-icon name="empty"></shapan-icon>
        <p>${t('alarms.empty')}</p><p class="hint">${t('alarms.empty.hint')}</p></div>`;
    }
    const hidden = shown.length - MOST_ROWS;
    return html`
      <ol class="alarm-list" data-testid="alarm-list">
        ${repeat(shown.slice(0, MOST_ROWS), ({ id }) => id, (alarm) => this.#row(alarm))}
      </ol>
      ${hidden > 0 ? html`<p class="hint">${t('alarms.more', { count: number(hidden) })}</p>` : ''}
      ${this.store.alarmsDropped > 0
        ? html`<p class="hint">${t('alarms.dropped', { count: number(this.store.alarmsDropped) })}</p>` : ''}`;
  }

  #row(alarm) {
    const severity = severityOf(alarm);
    const pending = isUnacknowledged(alarm);
    const { acknowledging, acknowledgeError } = this.store.state;
    return html`
      <li class="alarm-row" data-row-id=${alarm.id} data-severity=${severity} data-state=${alarm.state}>
        <button type="button" class="alarm-go" @click=${() => this.actions.flyToAlarm(alarm)}>
          <span class="alarm-sign"><shapan-severity severity=${severity}></shapan-severity>
            <shapan-icon name=${typeIcon(alarm.type)}></shapan-icon></span>
          <span class="alarm-words">
            <span class="alarm-head"><b>${term('type', alarm.type)}</b>
              <time title=${dateTime(alarm.occurred_at, this.config.timeZone)}>${
                ago(alarm.occurred_at, this.store.now())}</time></span>
            <span class="alarm-place">${placeWords(alarm)}</span>
            <span class="alarm-state">${t(`severity.${severity}`)} · ${t(`state.${alarm.state}`)}${
              alarm.repeats > 1 ? ` · ${t('alarms.repeats', { count: number(alarm.repeats) })}` : ''}</span>
          </span>
        </button>
        ${pending ? html`<button type="button" class="acknowledge" data-testid="acknowledge"
          title=${t('alarms.acknowledge.hint')} ?disabled=${acknowledging.has(alarm.id)}
          @click=${() => this.actions.acknowledge(alarm.id)}>${t('alarms.acknowledge')}</button>` : ''}
        ${acknowledgeError?.id === alarm.id ? html`<p class="hint bad" role="alert">${
          t('alarms.acknowledge.failed', { detail: acknowledgeError.error.message })}</p>` : ''}
      </li>`;
  }
}
customElements.define('shapan-alarm-list', AlarmList);
