/**
 * The open alarms beside the map, newest first; in a flood by groups, the most urgent first. A click flies there.
 *
 * While a pointer or the keyboard is on the list, nothing in it moves: what is new is announced over it, and comes in
 * when the operator leaves the list or asks for it.
 */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { groupAlarms } from '../alarms/alarm-groups.js';
import { isShelved } from '../alarms/alarm-steps.js';
import { isPending, newestFirst, SEVERITIES, severityOf } from '../alarms/alarm-terms.js';
import { instant, number } from '../format.js';
import { HeldOrder } from '../alarms/held-order.js';
import { t } from '../i18n/index.js';
import { alarmGroup } from './alarm-group.js';
import { alarmRow } from './alarm-row.js';
import { placeWords, typeWords } from './alarm-words.js';
import { Panel } from './panel.js';

/** More entries than anyone reads; the rest is a number. */
const MOST_ROWS = 100;

/** Milliseconds after which a pointer that left is gone: the click of a finger comes after it has left. */
const GONE_AFTER = 300;

const isCritical = (alarm) => severityOf(alarm) === 'critical';

class AlarmList extends Panel {
  static topics = ['alarms', 'connection', 'view', 'dossier'];

  static interval = 5000;

  #form = null;

  #order = new HeldOrder();
  #pointed = false;
  #leaving = null;

  /** Ids of the critical alarms that wait: they were announced or stood here from the beginning. The last words. */
  #known = null;
  #announced = '';

  /** Say the newest critical alarm to whoever listens; those that stood here from the beginning are not new. */
  willUpdate() {
    if (!this.store.alarmsKnown) return;
    const critical = [...this.store.alarms.values()].filter((alarm) => isCritical(alarm) && isPending(alarm));
    const fresh = this.#known === null ? [] : critical.filter(({ id }) => !this.#known.has(id));
    this.#known = new Set(critical.map(({ id }) => id));
    if (fresh.length === 0) return;
    const [newest] = newestFirst(fresh);
    this.#announced = t('alarms.critical', { words: this.#words(newest), count: number(fresh.length) });
  }

  updated() {
    const { groupForm } = this.store.state;
    if (groupForm !== null && groupForm !== this.#form) this.querySelector('textarea')?.focus();
    this.#form = groupForm;
  }

  render() {
    const all = [...this.store.alarms.values()];
    const { severities } = this.store.state;
    const pending = this.store.pendingAlarms();
    const shown = severities ? all.filter((alarm) => severityOf(alarm) === severities) : all;
    const { list, arrived } = this.#arrange(shown);
    return html`
      <section class="panel alarm-panel" aria-labelledby="alarms-title" ?data-held=${this.#order.held !== null}
        @pointerenter=${() => this.#point(true)} @pointerleave=${() => this.#point(false)}
        @focusin=${() => this.requestUpdate()}
        @focusout=${({ relatedTarget }) => this.contains(relatedTarget) || this.requestUpdate()}>
        <header>
          <h2 id="alarms-title">${t('alarms.title')}
            ${pending > 0 ? html`<small>${t('alarms.pending', { count: number(pending) })}</small>` : ''}</h2>
          ${arrived.length > 0 ? this.#arrivals(arrived) : ''}
          ${all.length > 0 ? this.#filters(this.store.alarmsBySeverity()) : ''}
        </header>
        <p class="unseen" role="alert" data-testid="announced">${this.#announced}</p>
        ${list.flood ? this.#flood(this.store.state.flood) : ''}
        ${this.#body(all, list)}
      </section>`;
  }

  // --- held while somebody is at it ------------------------------------------------------------------------

  #point(on) {
    clearTimeout(this.#leaving);
    const change = () => {
      this.#pointed = on;
      this.requestUpdate();
    };
    if (on) change();
    else this.#leaving = setTimeout(change, GONE_AFTER);
  }

  /** Whether a pointer or the keyboard is on the list. What a click left the focus on is not the keyboard. */
  #occupied() {
    return this.#pointed || (document.hasFocus() && this.querySelector(':focus-visible') !== null);
  }

  /** What to draw, in which order: `list` as HeldOrder holds it, `arrived` what has no place in it yet. */
  #arrange(shown) {
    const occupied = this.#occupied();
    if (!occupied) this.#order.release();
    if (this.#order.held !== null) {
      const arrived = this.#order.follow(shown, isShelved);
      return { list: this.#order.held, arrived };
    }
    const { on: flood } = this.store.state.flood;
    const shelved = shown.filter(isShelved).sort((a, b) => instant(a.shelved_until) - instant(b.shelved_until));
    const standing = shown.filter((alarm) => !isShelved(alarm));
    const ordered = flood ? groupAlarms(standing).flatMap(({ alarms }) => alarms) : newestFirst(standing);
    const list = { flood, standing: ordered, shelved };
    if (occupied) this.#order.hold(list);
    return { list, arrived: [] };
  }

  /** The operator asks for what is new. */
  #insert() {
    this.#order.release();
    this.requestUpdate();
    this.querySelector('.alarm-scroll')?.scrollTo({ top: 0 });
  }

  #filter(severity) {
    this.#order.release();
    this.store.set('view', { severities: severity });
  }

  #arrivals(arrived) {
    const [worst] = newestFirst(arrived.filter(isCritical));
    return html`<button type="button" class="arrivals" data-testid="arrivals" data-severity=${worst ? 'critical' : ''}
      title=${t('alarms.arrived.hint')} @click=${() => this.#insert()}>
      ${worst ? html`<shapan-severity severity="critical"></shapan-severity>
        <span class="arrival">${this.#words(worst)}</span>` : ''}
      <b>${t('alarms.arrived', { count: number(arrived.length) })}</b><shapan-icon name="insert"></shapan-icon></button>`;
  }

  #words(alarm) {
    return `${typeWords(alarm.type, this.store.state.alarmTypes)} · ${placeWords(alarm)}`;
  }

  // --- what is drawn ---------------------------------------------------------------------------------------

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
      ${SEVERITIES.map((severity) => html`
        <button type="button" class="chip" aria-pressed=${severity === severities}
          ?disabled=${counts[severity] === 0 && severity !== severities}
          title=${t('alarms.filter', { severity: t(`severity.${severity}`) })}
          @click=${() => this.#filter(severity === severities ? null : severity)}>
          <shapan-severity severity=${severity}></shapan-severity>${number(counts[severity])}
          <span class="unseen">${t(`severity.${severity}`)}</span>
        </button>`)}
    </div>`;
  }

  #body(all, { flood, standing, shelved }) {
    if (!this.store.alarmsKnown) {
      return html`<p class="hint" role="status">${t('alarms.loading')}</p>`;
    }
    if (!this.config.me.permissions.includes('alarms.read')) {
      return html`<div class="empty counted" data-testid="alarms-hidden"><shapan-icon name="ban"></shapan-icon>
        <p>${t('alarms.counted', { count: number(this.store.openAlarms()) })}</p><p class="hint">${t('alarms.hidden')}</p></div>`;
    }
    if (all.length === 0 && standing.length + shelved.length === 0) {
      return html`<div class="empty"><shapan-icon name="empty"></shapan-icon>
        <p>${t('alarms.empty')}</p><p class="hint">${t('alarms.empty.hint')}</p></div>`;
    }
    return html`
      <div class="alarm-scroll">
        ${flood ? this.#groups(standing) : this.#rows(standing)}
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
    const groups = groupAlarms(alarms, { inOrder: true });
    return html`
      <ol class="alarm-list" data-testid="alarm-groups">
        ${repeat(groups.slice(0, MOST_ROWS), ({ id, alarms: { length } }) => (length > 1 ? `group-${id}` : id),
          (group) => (group.alarms.length > 1 ? alarmGroup(this, group) : alarmRow(this, group.firstOut)))}
      </ol>
      ${this.#hidden(groups.length)}`;
  }

  #hidden(count) {
    return count > MOST_ROWS ? html`<p class="hint">${t('alarms.more', { count: number(count - MOST_ROWS) })}</p>` : '';
  }
}
customElements.define('shapan-alarm-list', AlarmList);
