/** Words for the values and faults of forms, in the language of the page. */
import { isTerm, language, t } from '../i18n/index.js';

/** A value as people say it. */
export function word(form, name, value) {
  const field = form.find((one) => one.name === name);
  const choice = field?.choices?.find((one) => one.value === value);
  if (choice) return choice[language()];
  return value === null || value === undefined || value === '' ? '—' : `${value}${field?.unit ? ` ${field.unit}` : ''}`;
}

/** What the server found wrong with a form: its field by name, and a sentence by the reason's code. */
export function faultSentence(form, { field, reason }) {
  const label = field === 'unit' ? t('survey.unit.label') : form.find(({ name }) => name === field)?.label[language()] ?? t('survey.whole.form');
  return t('survey.fault.of', { label, sentence: t(`survey.sent.${isTerm('survey.sent', reason) ? reason : 'other'}`) });
}

/** An instant of today or a day near by, in the command centre's zone. */
export function clockTime(ms, timeZone) {
  return new Intl.DateTimeFormat(language(), { timeZone, hour: '2-digit', minute: '2-digit', month: 'numeric', day: 'numeric' }).format(ms);
}
