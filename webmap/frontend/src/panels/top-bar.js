/** Title, the three numbers of the city, connection, clock, language. */
import { html } from 'lit';
import { duration, number } from '../format.js';
import { t } from '../i18n/index.js';
import { accountMenu, brand, clockAndLanguage, pageLink } from './bar.js';
import { Panel } from './panel.js';

class TopBar extends Panel {
  static topics = ['counts', 'alarms', 'connection', 'scene'];

  static interval = 1000;

  render() {
    const { timeZone, urls } = this.config;
    return html`
      ${brand('tilt', t('app.place'))}
      <dl class="counts">
        ${this.#count('buildings', this.store.state.counts.buildings)}
        ${this.#count('residents', this.store.state.counts.residents)}
        ${this.#count('alarms', this.store.openAlarms())}
      </dl>
      <div class="status">
        ${urls.data ? pageLink('data', 'data', urls.data) : ''}
        ${this.#connection()}
        ${accountMenu(this)}
        ${clockAndLanguage(this.store.now(), timeZone, this.actions)}
      </div>`;
  }

  #count(name, value) {
    return html`
      <div class="count" ?data-alert=${name === 'alarms' && value > 0}>
        <dt>${t(`counts.${name}`)}</dt>
        <dd data-testid="count-${name}" data-value=${value ?? ''}>${number(value)}</dd>
      </div>`;
  }

  #connection() {
    const { state, since } = this.store.state.connection;
    // Both are on the browser's own running clock, so a change of its date does not matter.
    const age = since === null ? '' : duration(performance.now() - since);
    const words = state === 'stale' && age === '' ? t('connection.connecting') : t(`connection.${state}`, { age });
    return html`
      <span class="connection" role="status" data-testid="connection" data-state=${state}
        title=${t(`connection.hint.${state}`)}><i></i>${words}</span>`;
  }
}
customElements.define('shapan-top-bar', TopBar);
