/** The page of a computer that cannot draw the map: why, what to do, and the open alarms as a table. */
import { html } from 'lit';
import { newestFirst, severityOf } from '../alarm-terms.js';
import { dateTime } from '../format.js';
import { t, term } from '../i18n/index.js';
import { placeWords } from './alarm-words.js';
import { Panel } from './panel.js';

const MOST_ROWS = 500;

class NoWebgl extends Panel {
  static topics = ['alarms'];

  render() {
    const alarms = newestFirst(this.store.alarms.values()).slice(0, MOST_ROWS);
    return html`
      <main class="no-webgl" data-testid="no-webgl">
        <h2>${t('nowebgl.title')}</h2>
        <p>${t('nowebgl.detail')}</p>
        <p class="hint">${t('nowebgl.cure')}</p>
        <table>
          <caption>${t('nowebgl.table')}</caption>
          <thead><tr>${['time', 'severity', 'type', 'place', 'state'].map((name) => html`
            <th scope="col">${t(`table.${name}`)}</th>`)}</tr></thead>
          <tbody>
            ${alarms.map((alarm) => html`
              <tr data-alarm-id=${alarm.id} data-state=${alarm.state}>
                <td>${dateTime(alarm.occurred_at, this.config.timeZone)}</td>
                <td><shapan-severity severity=${severityOf(alarm)}></shapan-severity>${t(`severity.${severityOf(alarm)}`)}</td>
                <td>${term('type', alarm.type)}</td>
                <td>${placeWords(alarm)}</td>
                <td>${t(`state.${alarm.state}`)}</td>
              </tr>`)}
          </tbody>
        </table>
        ${this.store.alarmsKnown && alarms.length === 0 ? html`<p class="hint">${t('alarms.empty')}</p>` : ''}
      </main>`;
  }
}
customElements.define('shapan-no-webgl', NoWebgl);
