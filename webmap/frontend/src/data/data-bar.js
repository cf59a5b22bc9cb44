/** Title, way to the sandbox, whether imports will be taken, clock, language. */
import { html } from 'lit';
import { dateTime, duration, longDate } from '../format.js';
import { language, t } from '../i18n/index.js';
import { Panel } from '../panels/panel.js';

/** Pill of the worker's state → look that the sandbox's connection has. */
const LOOKS = { live: 'live', absent: 'stale', unknown: 'connecting', offline: 'stale' };

class DataBar extends Panel {
  static topics = ['runs'];

  static interval = 1000;

  render() {
    const now = this.store.now();
    const { timeZone, urls } = this.config;
    return html`
      <div class="brand">
        <shapan-icon name="data"></shapan-icon>
        <h1>${t('app.name')}</h1>
        <span class="place">${t('data.place')}</span>
      </div>
      <div class="status">
        <a class="page-link" href=${`${urls.sandbox}?lang=${language()}`} data-testid="to-sandbox"
          title=${t('page.sandbox.hint')}><shapan-icon name="tilt"></shapan-icon>${t('page.sandbox')}</a>
        ${this.#worker()}
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

  #worker() {
    const { worker, runs } = this.store.state;
    const known = worker === null ? (runs.error ? 'offline' : 'unknown') : worker ? 'live' : 'absent';
    const age = duration(performance.now() - (runs.lookedAt ?? performance.now()));
    return html`
      <span class="connection" role="status" data-testid="worker" data-state=${LOOKS[known]} data-worker=${known}
        title=${t(`worker.hint.${known}`)}><i></i>${t(`worker.${known}`, { age })}</span>`;
  }
}
customElements.define('shapan-data-bar', DataBar);
