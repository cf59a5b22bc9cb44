/** Title, search, the three numbers of the city, connection, clock, language. */
import { html } from 'lit';
import { duration, number } from '../format.js';
import { t } from '../i18n/index.js';
import { accountMenu, brand, clockAndLanguage, pageLink } from './bar.js';
import { Panel } from './panel.js';
import './search-box.js';
import { todayTag } from './past-words.js';

class TopBar extends Panel {
  static topics = ['counts', 'alarms', 'connection', 'scene', 'past'];

  static interval = 1000;

  render() {
    const { timeZone, urls } = this.config;
    const { past, counts } = this.store.state;
    const shown = past.on ? past.picture?.counts ?? {} : counts;
    return html`
      ${brand('tilt', t('app.place'), html`<shapan-search-box .store=${this.store} .actions=${this.actions}
        .config=${this.config}></shapan-search-box>`)}
      <dl class="counts">
        ${this.#count('buildings', shown.buildings)}
        ${this.#count('residents', shown.residents)}
        ${this.#count('alarms', past.on ? past.picture?.alarms_total : this.store.openAlarms())}
      </dl>
      <div class="status">
        ${urls.handover ? pageLink('handover', 'handover', urls.handover) : ''}
        ${urls.data ? pageLink('data', 'data', urls.data) : ''}
        ${this.#connection()}
        ${accountMenu(this)}
        ${clockAndLanguage(this.store.now(), timeZone, this.actions)}
      </div>`;
  }

  #count(name, value) {
    const { past } = this.store.state;
    // What nobody took down then is that of today.
    const today = past.on && (past.picture?.today.includes(`counts.${name}`) ?? false);
    return html`
      <div class="count" data-name=${name} ?data-alert=${name === 'alarms' && value > 0} ?data-today=${today}>
        <dt>${t(`counts.${name}`)}${today ? todayTag() : ''}</dt>
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
