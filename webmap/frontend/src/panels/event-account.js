/** 事件概述: what a window's events were, in one sentence; its classes are the buttons that filter by them. */
import { html } from 'lit';
import { windowName } from '../events/event-account.js';
import { eventWords } from '../events/event-terms.js';
import { number, shortDateTime } from '../format.js';
import { t } from '../i18n/index.js';
import { classToken } from '../layers/events.js';
import { chosen, isFiltered } from './event-filter.js';
import { variables } from './panel.js';

/** `chosen` is what a click on a class does; without it they are words. */
function classWords(panel, { classes, rest }, choose) {
  const { eventClasses } = panel.store.state;
  const words = ({ code, count }) => html`<i class="point-swatch" ${variables({ swatch: `var(--${classToken(code)})` })}></i>${
    code === '' ? t('events.account.unknown') : eventWords(eventClasses, code)} <b>${number(count)}</b>`;
  const parts = classes.map((one) => (choose && one.code !== '' ? html`<button type="button" class="account-class" aria-pressed=${one.on}
    data-testid="account-class" data-code=${one.code} data-count=${one.count} title=${t(one.on ? 'events.account.all' : 'events.account.only')}
    @click=${() => choose(one.code)}>${words(one)}</button>` : html`<span class="account-class" data-testid="account-class" data-code=${one.code}
      data-count=${one.count}>${words(one)}</span>`));
  if (rest > 0) parts.push(html`<span class="account-rest">${t('events.account.rest', { count: number(rest) })}</span>`);
  // A comma stays on the line of what it follows; after it a line may end.
  const comma = t('events.account.and');
  return parts.map((part, index) => (index === parts.length - 1 ? html`<span class="account-part">${part}</span>`
    : html`<span class="account-part">${part}${comma.trim()}</span>${comma.endsWith(' ') ? ' ' : ''}<wbr>`));
}

function stateWords({ done, open, overdue, atLeast }) {
  const values = { done: number(done), open: number(open), overdue: `${number(overdue ?? 0)}${atLeast ? '+' : ''}` };
  return html`<span data-testid="account-states" data-done=${done} data-open=${open} data-overdue=${overdue ?? ''}>${
    t(overdue ? 'events.account.late' : 'events.account.states', values)}</span>`;
}

/** @param {number} shown events that the filter leaves */
export function windowAccount(panel, shown) {
  const { eventView: view, window: timeWindow } = panel.store.state;
  const { events } = panel.actions;
  const account = events.account();
  const { timeZone } = panel.config;
  const [from, to] = [view.from, view.to].map((at) => shortDateTime(at, timeZone));
  const values = { window: t(`events.account.${windowName(timeWindow, view.following)}`, { from, to }), count: number(shown), total: number(view.total) };
  return html`<p class="event-account" data-testid="events-total" data-value=${shown} data-of=${view.total} aria-busy=${view.status === 'loading'}>
    <b class="account-head">${t(isFiltered(view.filter) ? 'events.account.some' : 'events.account.head', values)}</b>${
    classWords(panel, account, (code) => events.filter({ classes: chosen(view.filter.classes, code) }))}${t('events.account.then')}${stateWords(account)}</p>`;
}

/** Of the instant that is looked back at; nothing is filtered there. */
export function pastAccount(panel) {
  const account = panel.actions.events.account();
  return html`<p class="event-account" data-testid="past-account">${classWords(panel, account)}${t('events.account.then')}${stateWords(account)}</p>`;
}
