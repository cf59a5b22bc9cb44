/** Title, the three numbers of the city, connection, clock, language. */
import { html } from 'lit';
import { dateTime, duration, longDate, number } from '../format.js';
import { language, t } from '../i18n/index.js';
import { Panel } from './panel.js';

class TopBar extends Panel {
  static topics = ['counts', 'alarms', 'connection', 'scene'];

  static interval = 1000;

  render() {
    const now = this.store.now();
    const { timeZone } = this.config;
    return html`
      <div class="brand">
        <shapan-icon name="tilt"></shapan-icon>
        <h1>${t('app.name')}</h1>
        <span class="place">${t('app.place')}</span>
      </div>
      <dl class="counts">
        ${this.#count('buildings', this.store.state.counts.buildings)}
        ${this.#count('residents', this.store.state.counts.residents)}
        ${this.#count('alarms', this.store.openAlarms())}
      </dl>
      <div class="status">
        ${this.config.urls.data ? html`<a class="page-link" href=${`${this.config.urls.data}?lang=${language()}`}
          data-testid="to-data" title=${t('page.data.hint')}><shapan-icon name="data"></shapan-icon>${t('page.data')}</a>`
          : ''}
        ${this.#connection()}
        <time class="clock" title=${longDate(now, timeZone)}>
          <span class="date">${dateTime(now, timeZone).slice(0, 10)}</span>
          <span class="hours">${dateTime(now, timeZone).slice(11)}</span>
        </time>
        <button type="button" class="quiet language" data-testid="language" title=${t('language.switch.hint')}
          lang=${language() === 'en' ? 'zh-CN' : 'en'} @click=${() => this.actions.switchLanguage()}>
          <shapan-icon name="language"></shapan-icon>${t('language.switch')}
        </button>
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
