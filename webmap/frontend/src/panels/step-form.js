/** The words that a step asks for, where its button was: no window in front of the page. */
import { html } from 'lit';
import { NOTE_MOST, SHELF_MINUTES } from '../alarms/alarm-steps.js';
import { duration } from '../format.js';
import { t } from '../i18n/index.js';

/** What a person wrote: `{ note, minutes }`. */
export function said(form) {
  const data = new FormData(form);
  return { note: String(data.get('note') ?? '').trim(), minutes: Number(data.get('minutes')) };
}

/**
 * @param {object} parts
 * @param {string} parts.step that asks
 * @param {string} parts.hint what the words are for
 * @param {boolean} parts.busy the server has not answered yet
 * @param {string|null} parts.fault name of a sentence: what is missing
 * @param {(form: {note: string, minutes: number}) => void} parts.onSubmit
 * @param {() => void} parts.onCancel
 */
export function stepForm({ step, hint, busy, fault, onSubmit, onCancel }) {
  const submit = (event) => {
    event.preventDefault();
    onSubmit(said(event.target));
  };
  // Enter takes the step, Shift and Enter begin another line; Enter that ends a Chinese word does neither.
  const enter = (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  };
  return html`
    <form class="step-form" data-testid="step-form" data-step=${step} @submit=${submit}>
      ${step === 'shelve' ? html`<fieldset><legend>${t('handling.shelve.long')}</legend>
        ${SHELF_MINUTES.map((minutes, index) => html`<label class="choice"><input type="radio" name="minutes"
          value=${minutes} ?checked=${index === 0}><span>${duration(minutes * 60_000)}</span></label>`)}</fieldset>` : ''}
      <label class="note"><span>${hint}</span>
        <textarea name="note" rows="2" maxlength=${NOTE_MOST} data-testid="step-note" aria-invalid=${fault !== null}
          @keydown=${enter}></textarea></label>
      ${fault === null ? '' : html`<p class="hint bad" role="alert">${t(fault)}</p>`}
      <div class="form-buttons">
        <button type="submit" class="primary" data-testid="step-submit" ?disabled=${busy} aria-busy=${busy}>${
          busy ? html`<i class="spinner"></i>` : ''}${t(`handling.${step}`)}</button>
        <button type="button" class="quiet" @click=${onCancel}>${t('handling.cancel')}</button>
      </div>
    </form>`;
}
