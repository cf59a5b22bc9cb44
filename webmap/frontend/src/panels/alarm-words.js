/** What several panels say of an alarm: its place, its type, what was not done and why. */
import { html } from 'lit';
import { timeOfDay, number, placeInBuilding } from '../format.js';
import { language, LANGUAGES, named, t, term } from '../i18n/index.js';

/** Where an alarm is, as far as it is known: building and the place in it, else device, else grid. */
export function placeWords(alarm) {
  const building = alarm.building_name || alarm.address || alarm.building_code;
  return [building || alarm.device_name || alarm.grid_code || t('alarms.noplace'), placeInBuilding(alarm)]
    .filter(Boolean).join(' · ');
}

/** The word for a type of alarm: this page's, else the one on record, else the code. */
export function typeWords(type, types) {
  const known = types?.get(type);
  if (`type.${type}` in LANGUAGES[language()] || !known) return term('type', type);
  return named(known);
}

/** Icon of a state: it is told by shape and word, not by colour. */
export const STATE_ICONS = {
  active_unack: 'alarm', active_ack: 'check', cleared_unack: 'partial', cleared_ack: 'empty', closed: 'closed',
};

/** Who took a step, in words. */
export const accountWords = (account) => (account === 'system' ? t('account.system') : account);

/** Why a step was not done, with who was quicker where somebody was; nothing when it was. */
export function refusal(refused, timeZone) {
  if (!refused) return '';
  const { step, error, last } = refused;
  const words = last
    ? t('handling.conflict', {
      step: t(`handling.${step}`), account: accountWords(last.account), time: timeOfDay(last.at, timeZone),
      did: t(`step.${last.step}`), state: t(`state.${last.state}`),
    })
    : error.left
      ? t('handling.some', { step: t(`handling.${step}`), count: number(error.left) })
      : t('handling.failed', { step: t(`handling.${step}`), detail: [error.message, error.cure].filter(Boolean).join(' ') });
  return html`<p class="hint bad refusal" role="alert" data-testid="refusal"><shapan-icon name="error"></shapan-icon>
    <span>${words}</span></p>`;
}
