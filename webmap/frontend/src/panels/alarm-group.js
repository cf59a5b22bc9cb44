/** 告警分组: alarms that came together, as one entry of the list that opens to them. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { severityOf } from '../alarms/alarm-terms.js';
import { duration, hourMinute, number } from '../format.js';
import { groupKey } from '../alarms/handling.js';
import { t } from '../i18n/index.js';
import { alarmRow, alarmSign } from './alarm-row.js';
import { refusal, siteWords, typeWords } from './alarm-words.js';
import { stepForm } from './step-form.js';

/** Rows of one group; the rest is a number. */
const MOST_ROWS = 100;

function floorWords([lowest, highest]) {
  const word = (floor) => (floor < 0 ? t('place.basement', { floor: -floor }) : t('place.floor', { floor }));
  return lowest === highest ? word(lowest) : t('groups.floors', { from: word(lowest), to: word(highest) });
}

/** The entry of a group of two alarms or more. */
export function alarmGroup(panel, group) {
  const { openGroups, alarmTypes } = panel.store.state;
  const { timeZone } = panel.config;
  const open = openGroups.has(group.id);
  const { firstOut, count, worst, unacknowledged } = group;
  const sites = new Set(group.alarms.map(siteWords)).size;
  const site = sites === 1 ? siteWords(firstOut) : t('groups.sites', { site: siteWords(firstOut), count: number(sites) });
  const place = [site, sites === 1 && group.floors && floorWords(group.floors)].filter(Boolean).join(' · ');
  const [from, to] = [group.firstAt, group.lastAt].map((at) => hourMinute(at, timeZone));
  const standing = unacknowledged.length > 0 ? t('alarms.pending', { count: number(unacknowledged.length) })
    : t(count > 0 ? 'groups.seen' : 'alarms.gone');
  return html`
    <li class="alarm-group" data-group-id=${group.id} data-severity=${worst} ?data-pending=${unacknowledged.length > 0}
      ?data-gone=${count === 0}>
      <button type="button" class="alarm-go" aria-expanded=${open} data-testid="group-open"
        @click=${() => panel.actions.desk.toggleGroup(group.id)}>
        ${alarmSign(group.alarms.find((alarm) => severityOf(alarm) === worst))}
        <span class="alarm-words">
          <span class="alarm-head"><b>${group.types.map((type) => typeWords(type, alarmTypes)).join(t('words.join'))}</b>
            <span class="group-count" data-testid="group-count">${t('groups.count', { count: number(count) })}</span>
            <shapan-icon class="chevron" name="chevron"></shapan-icon></span>
          <span class="alarm-place">${place}</span>
          <span class="alarm-state">${t(`severity.${worst}`)} · ${standing} · ${
            t('groups.span', { from, to, length: duration(group.lastAt - group.firstAt) })}</span>
        </span>
      </button>
      ${panel.actions.desk.mayHandle ? steps(panel, group) : ''}
      ${open ? html`<ol class="group-rows">
        ${repeat(group.alarms.slice(0, MOST_ROWS), ({ id }) => id,
          (alarm) => alarmRow(panel, alarm, { firstOut: alarm.id === firstOut.id }))}
        ${group.alarms.length > MOST_ROWS ? html`<li class="hint">${
          t('alarms.more', { count: number(group.alarms.length - MOST_ROWS) })}</li>` : ''}
      </ol>` : ''}
    </li>`;
}

function steps(panel, group) {
  const { desk } = panel.actions;
  const { busy, refusals, groupForm } = panel.store.state;
  const key = groupKey(group.id);
  const step = busy.get(key);
  const button = (name, ids, act, main) => (ids.length === 0 ? '' : html`
    <button type="button" class=${main ? 'primary' : ''} data-testid="group-${name}" ?disabled=${step !== undefined}
      aria-busy=${step === name} @click=${act}>${step === name ? html`<i class="spinner"></i>` : ''}${
      t(`groups.${name}`, { count: number(ids.length) })}</button>`);
  const { unacknowledged, closable, active } = group;
  return html`
    <div class="group-steps">
      ${button('acknowledge', unacknowledged, () => desk.acknowledgeGroup(group), true)}
      ${button('close', closable, () => desk.closeGroup(group), unacknowledged.length === 0)}
      ${groupForm === group.id ? '' : button('clear', active, () => desk.askGroup(group.id), false)}
    </div>
    ${groupForm === group.id ? stepForm({
      step: 'clear', hint: t('groups.clear.hint', { count: number(active.length) }), busy: step === 'clear', fault: null,
      onSubmit: ({ note }) => desk.clearGroup(group, note || null), onCancel: () => desk.askGroup(null),
    }) : ''}
    ${refusal(refusals.get(key), panel.config.timeZone)}`;
}
