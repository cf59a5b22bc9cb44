/** What several panels say of an alarm: its place, its type, what was not done and why. */
import { html } from 'lit';
import { hourMinute, number, placeInBuilding, timeOfDay } from '../format.js';
import { isTerm, named, t, term } from '../i18n/index.js';

/** Where an alarm is, as far as it is known: its building, else its device, else its grid. */
export const siteWords = (alarm) => alarm.building_name || alarm.address || alarm.building_code || alarm.device_name
  || alarm.grid_code || t('alarms.noplace');

/** The same, with the place in the building. */
export const placeWords = (alarm) => [siteWords(alarm), placeInBuilding(alarm)].filter(Boolean).join(' · ');

/** Whose it is. */
export const assigneeWords = ({ assignee }, account) => (assignee === account ? t('alarms.mine') : assignee);

/** Until when an alarm is put aside (搁置), as a tag. */
export const shelfTag = ({ shelved_until: until }, timeZone) => html`<span class="tag" data-testid="shelved-until">
  <shapan-icon name="shelve"></shapan-icon>${t('alarms.back', { time: hourMinute(until, timeZone) })}</span>`;

/** That the time of an alarm's device is not believed, as a tag. */
export const clockTag = () => html`<span class="tag" title=${t('alarms.clock.hint')}><shapan-icon name="clock"></shapan-icon>${
  t('alarms.clock')}</span>`;

/** The word for a type of alarm: this page's, else the one on record, else the code. */
export function typeWords(type, types) {
  const known = types?.get(type);
  return isTerm('type', type) || !known ? term('type', type) : named(known);
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
      : t('handling.failed', { step: t(`handling.${step}`), detail: [error.message, error.cure].filter(Boolean).join(t('handling.stop')) });
  return html`<p class="hint bad refusal" role="alert" data-testid="refusal"><shapan-icon name="error"></shapan-icon>
    <span>${words}</span></p>`;
}
