/** 录入率 in words: the same on every page that tells one. */
import { number } from '../../format.js';
import { t } from '../../i18n/index.js';
import { reading, shareText } from './rates.js';

/** "78%", a class, or why there is no share. */
export function words(rate) {
  const { state, value } = reading(rate);
  if (state === 'classed') return t('rates.classed', { share: shareText(value, number) });
  if (value !== null) return shareText(value, number);
  return t(state === 'over' ? 'rates.over.zero' : `rates.${state}`);
}
