/** Title, way to the sandbox, whether imports will be taken, clock, language. */
import { html } from 'lit';
import { duration } from '../format.js';
import { t } from '../i18n/index.js';
import { accountMenu, brand, clockAndLanguage, pageLink } from '../panels/bar.js';
import { Panel } from '../panels/panel.js';

/** Pill of the worker's state → look that the sandbox's connection has. */
const LOOKS = { live: 'live', absent: 'stale', unknown: 'connecting', offline: 'stale' };

class DataBar extends Panel {
  static topics = ['runs', 'view'];

  static interval = 1000;

  render() {
    const { timeZone, urls } = this.config;
    return html`
      ${brand('data', t(`data.section.${this.store.state.view}`))}
      <div class="status">
        ${pageLink('sandbox', 'tilt', urls.sandbox)}
        ${urls.planner ? pageLink('planner', 'land', urls.planner) : ''}
        ${this.store.state.view === 'imports' ? this.#worker() : ''}
        ${accountMenu(this)}
        ${clockAndLanguage(this.store.now(), timeZone, this.actions)}
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
