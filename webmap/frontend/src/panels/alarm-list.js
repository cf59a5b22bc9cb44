/** The open alarms beside the map, newest first; in a flood by groups, the most urgent first. A click flies there. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { groupAlarms } from '../alarm-groups.js';
import { isShelved } from '../alarm-steps.js';
import { countBySeverity, isPending, newestFirst, SEVERITIES, severityOf } from '../alarm-terms.js';
import { instant, number } from '../format.js';
import { t } from '../i18n/index.js';
import { alarmGroup } from './alarm-group.js';
import { alarmRow } from './alarm-row.js';
import { Panel } from './panel.js';

/** More entries than anyone reads; the rest is a number. */
const MOST_ROWS = 100;

class AlarmList extends Panel {
  static topics = ['alarms', 'connection', 'view', 'dossier'];

  static interval = 5000;

  #form = null;

  updated() {
    const { groupForm } = this.store.state;
    if (groupForm !== null && groupForm !== this.#form) this.querySelector('textarea')?.focus();
    this.#form = groupForm;
  }

  render() {
    const all = [...this.store.alarms.values()];
    const { severities, flood } = this.store.state;
    const pending = all.filter(isPending).length;
    const shown = severities ? all.filter((alarm) => severityOf(alarm) === severities) : all;
    return html`
      <section class="panel alarm-panel" aria-labelledby="alarms-title">
        <header>
          <h2 id="alarms-title">${t('alarms.title')}
            ${pending > 0 ? html`<small>${t('alarms.pending', { count: number(pending) })}</small>` : ''}</h2>
          ${this.#filters(countBySeverity(all))}
        </header>
        ${flood.on ? this.#flood(flood) : ''}
        ${this.#body(all, shown)}
      </section>`;
  }

  #flood({ new: count, limit, windowSeconds }) {
    const minutes = number(windowSeconds / 60);
    return html`<div class="flood" role="status" data-testid="flood" data-new=${count}>
      <shapan-icon name="flood"></shapan-icon>
      <p><b>${t('flood.title')}</b> ${t('flood.rate', { count: number(count), minutes })}
        <span>${t('flood.hint', { limit: number(limit), minutes })}</span></p></div>`;
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
    const shelved = shown.filter(isShelved).sort((a, b) => instant(a.shelved_until) - instant(b.shelved_until));
    const standing = shown.filter((alarm) => !isShelved(alarm));
    return html`
      <div class="alarm-scroll">
        ${this.store.state.flood.on ? this.#groups(standing) : this.#rows(newestFirst(standing))}
        ${shelved.length > 0 ? html`
          <details class="shelved" data-testid="shelved">
            <summary><shapan-icon name="shelve"></shapan-icon>${t('alarms.shelved', { count: number(shelved.length) })}
              <shapan-icon class="chevron" name="chevron"></shapan-icon></summary>
            ${this.#rows(shelved)}
          </details>` : ''}
      </div>
      ${this.store.alarmsDropped > 0
        ? html`<p class="hint">${t('alarms.dropped', { count: number(this.store.alarmsDropped) })}</p>` : ''}`;
  }

  #rows(alarms) {
    return html`
      <ol class="alarm-list" data-testid="alarm-list">
        ${repeat(alarms.slice(0, MOST_ROWS), ({ id }) => id, (alarm) => alarmRow(this, alarm))}
      </ol>
      ${this.#hidden(alarms.length)}`;
  }

  #groups(alarms) {
    const groups = groupAlarms(alarms);
    return html`
      <ol class="alarm-list" data-testid="alarm-groups">
        ${repeat(groups.slice(0, MOST_ROWS), ({ id, count }) => (count > 1 ? `group-${id}` : id),
          (group) => (group.count > 1 ? alarmGroup(this, group) : alarmRow(this, group.firstOut)))}
      </ol>
      ${this.#hidden(groups.length)}`;
  }

  #hidden(count) {
    return count > MOST_ROWS ? html`<p class="hint">${t('alarms.more', { count: number(count - MOST_ROWS) })}</p>` : '';
  }
}
customElements.define('shapan-alarm-list', AlarmList);
