/** When a sheet was printed, and by whom: on paper only. */
import { html } from 'lit';
import { dateTime } from '../format.js';
import { t } from '../i18n/index.js';

export const printedWords = ({ config, store }) => t('worklist.paper.printed', { at: dateTime(store.now(), config.timeZone), account: config.me.account });

export const printed = (panel) => html`<small class="printed-only">${printedWords(panel)}</small>`;
