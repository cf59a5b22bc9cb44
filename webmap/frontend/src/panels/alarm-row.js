/** One alarm in a list: what, where, since when, whose; and the button that acknowledges it. */
import { html } from 'lit';
import { isPending, isUnacknowledged, severityOf, typeIcon } from '../alarms/alarm-terms.js';
import { isShelved } from '../alarms/alarm-steps.js';
import { ago, dateTime, number } from '../format.js';
import { alarmKey } from '../alarms/handling.js';
import { t } from '../i18n/index.js';
import { assigneeWords, clockTag, placeWords, refusal, shelfTag, typeWords } from './alarm-words.js';

/** The shape of a severity with the picture of a type in it. */
export const alarmSign = (alarm) => html`<span class="alarm-sign"><shapan-severity severity=${severityOf(alarm)}></shapan-severity>
  <shapan-icon name=${typeIcon(alarm.type)}></shapan-icon></span>`;

/** What else is to be known at a glance: whose it is, until when it is put aside, whether its time is believed. */
function marks(alarm, panel) {
  return html`
    ${alarm.assignee ? html`<span class="tag" data-testid="assignee"><shapan-icon name="person"></shapan-icon>${
      assigneeWords(alarm, panel.actions.desk.account)}</span>` : ''}
    ${isShelved(alarm) ? shelfTag(alarm, panel.config.timeZone) : ''}
    ${alarm.clock_doubt ? clockTag() : ''}`;
}

/** The row of an alarm in `panel`, or of one that has left a list which is held; `firstOut`: it began its group. */
export function alarmRow(panel, alarm, { firstOut = false } = {}) {
  const severity = severityOf(alarm);
  const { busy, refusals, dossier, alarmTypes } = panel.store.state;
  const step = busy.get(alarmKey(alarm.id));
  return html`
    <li class="alarm-row" data-row-id=${alarm.id} data-severity=${severity} data-state=${alarm.state}
      ?data-pending=${isPending(alarm)} ?data-gone=${alarm.gone}>
      <button type="button" class="alarm-go" aria-current=${dossier.id === alarm.id}
        @click=${() => panel.actions.opening.flyToAlarm(alarm)}>
        ${alarmSign(alarm)}
        <span class="alarm-words">
          <span class="alarm-head"><b>${typeWords(alarm.type, alarmTypes)}</b>
            ${firstOut ? html`<span class="tag first" data-testid="first-out" title=${t('groups.first.hint')}>${
              t('groups.first')}</span>` : ''}
            <time title=${dateTime(alarm.occurred_at, panel.config.timeZone)}>${
              ago(alarm.occurred_at, panel.store.now())}</time></span>
          <span class="alarm-place" title=${placeWords(alarm)}>${placeWords(alarm)}</span>
          <span class="alarm-state">${t(`severity.${severity}`)} · ${t(alarm.gone ? 'alarms.gone' : `state.${alarm.state}`)}${
            alarm.repeats > 1 ? ` · ${t('alarms.repeats', { count: number(alarm.repeats) })}` : ''}${marks(alarm, panel)}</span>
        </span>
      </button>
      ${isUnacknowledged(alarm) && panel.actions.desk.mayHandle ? html`<button type="button" class="acknowledge"
        data-testid="acknowledge" title=${t('alarms.acknowledge.hint')} ?disabled=${step !== undefined}
        aria-busy=${step !== undefined} @click=${() => panel.actions.desk.take(alarm.id, 'acknowledge')}>${
          step ? html`<i class="spinner"></i>` : ''}${t('handling.acknowledge')}</button>` : ''}
      ${dossier.id === alarm.id ? '' : refusal(refusals.get(alarmKey(alarm.id)), panel.config.timeZone)}
    </li>`;
}
