/** 查看一人: the reason that is asked for, and the values for as long as they may be shown. */
import { html } from 'lit';
import { newestFirst, severityOf } from '../alarms/alarm-terms.js';
import { number, placeInBuilding } from '../format.js';
import { MOST_WORDS, missing, REASONS, refusal } from '../buildings/household-terms.js';
import { t } from '../i18n/index.js';
import { typeWords } from './alarm-words.js';
import { variables } from './panel.js';

const FIELDS = { name: 'person', phone: 'phone', id_number: 'id' };

const SHOWN_S = 60;

/** What a person chose and wrote. */
function said(form) {
  const data = new FormData(form);
  const reason = data.get('reason');
  return {
    reason,
    words: String(data.get('words') ?? '').trim(),
    alarm_id: reason === 'alarm' ? Number(data.get('alarm')) || null : null,
    fields: ['name', 'phone', ...(data.get('id_number') ? ['id_number'] : [])],
  };
}

/** Open alarms of the building, those of this very room first. */
function alarmsHere(panel, { building, room }) {
  const mine = ({ unit, room: number_ }) => String(unit) === room.unit && String(number_) === room.number;
  const here = newestFirst([...panel.store.alarms.values()].filter(({ building_id: id }) => id === building.id));
  return [...here.filter(mine), ...here.filter((alarm) => !mine(alarm))].slice(0, 20);
}

function faultWords(error) {
  const known = refusal(error);
  return known ? t(...known) : [error.title, error.detail, error.cure].filter(Boolean).join(' ');
}

/** The form, in place of the button that asked for it. */
export function revealForm(panel, person) {
  const { household: { busy, fault, data } } = panel.store.state;
  const { household } = panel.actions;
  const alarms = alarmsHere(panel, data);
  const submit = (event) => {
    event.preventDefault();
    const wanted = said(event.target);
    panel.lacking = missing(wanted);
    if (panel.lacking === null) household.reveal(person.id, wanted);
  };
  const { lacking } = panel;
  return html`
    <form class="step-form reveal-form" data-testid="reveal-form" @submit=${submit} @input=${() => panel.forgetLacking()}>
      <fieldset><legend>${t('reveal.reason')}</legend>
        ${REASONS.filter((reason) => reason !== 'alarm' || alarms.length > 0).map((reason) => html`
          <label class="choice"><input type="radio" name="reason" value=${reason}><span>${t(`reveal.reason.${reason}`)}</span></label>`)}
      </fieldset>
      ${alarms.length > 0 ? html`<label class="reveal-alarm"><span>${t('reveal.alarm')}</span>
        <select name="alarm" data-testid="reveal-alarm">${alarms.map((alarm) => html`
          <option value=${alarm.id}>${t(`severity.${severityOf(alarm)}`)} · ${
            typeWords(alarm.type, panel.store.state.alarmTypes)} · ${placeInBuilding(alarm)}</option>`)}</select></label>` : ''}
      <label class="note"><span>${t('reveal.words')}</span>
        <textarea name="words" rows="2" maxlength=${MOST_WORDS} data-testid="reveal-words"
          aria-invalid=${lacking === 'reveal.missing.words'}></textarea></label>
      <label class="check"><input type="checkbox" name="id_number" ?disabled=${!person.has_id_number}><span>${
        t(person.has_id_number ? 'reveal.id' : 'reveal.id.none')}</span></label>
      ${lacking ? html`<p class="hint bad" role="alert">${t(lacking)}</p>`
        : fault ? html`<p class="hint bad" role="alert" data-testid="reveal-refused"><shapan-icon name="ban"></shapan-icon>${
          faultWords(fault)}</p>` : ''}
      <p class="hint reveal-log"><shapan-icon name="shield"></shapan-icon>${t('reveal.logged')}</p>
      <div class="form-buttons">
        <button type="submit" class="primary" data-testid="reveal-submit" ?disabled=${busy} aria-busy=${busy}>${
          busy ? html`<i class="spinner"></i>` : ''}${t('reveal.submit')}</button>
        <button type="button" class="quiet" @click=${() => household.ask(null)}>${t('handling.cancel')}</button>
      </div>
    </form>`;
}

/** The values, as text that can be chosen and copied, and the time that is left. */
export function revealed(panel, person, { values }) {
  const { household } = panel.actions;
  const seconds = Math.ceil(household.remaining(person.id) / 1000);
  const copy = navigator.clipboard && ((text) => navigator.clipboard.writeText(text));
  return html`
    <div class="revealed" data-testid="revealed" role="status">
      <dl>${Object.entries(FIELDS).filter(([name]) => name in values).map(([name, icon]) => html`
        <div><dt><shapan-icon name=${icon}></shapan-icon>${t(`reveal.field.${name}`)}</dt>
          <dd data-field=${name}>${values[name] ?? t('reveal.none')}</dd>
          ${copy && values[name] ? html`<button type="button" class="quiet icon-button" title=${t('reveal.copy')}
            aria-label=${t('reveal.copy')} @click=${() => copy(values[name])}><shapan-icon name="copy"></shapan-icon></button>` : ''}
        </div>`)}</dl>
      <p class="revealed-time"><i class="time-left" ${variables({ left: seconds / SHOWN_S })}></i>
        <span>${t('reveal.remaining', { seconds: number(seconds) })}</span>
        <button type="button" class="quiet" data-testid="reveal-hide" @click=${() => household.hide(person.id)}>
          <shapan-icon name="eye-off"></shapan-icon>${t('reveal.hide')}</button></p>
    </div>`;
}
