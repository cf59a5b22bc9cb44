/** Words for the values and faults of forms, in the language of the page. */
import { isTerm, language, t } from '../i18n/index.js';
import { dayOf } from './today.js';

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

/** An instant in the command centre's zone: of today the hour, of another day also the day. */
export function clockTime(ms, timeZone) {
  const far = dayOf(ms, timeZone) !== dayOf(Date.now(), timeZone);
  const day = far ? { month: 'numeric', day: 'numeric' } : {};
  return new Intl.DateTimeFormat(language(), { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...day }).format(ms);
}

/** Words one after the other. */
export const listed = (words) => words.join(language() === 'en' ? ', ' : '、');
