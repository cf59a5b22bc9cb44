/** What several panels say while one looks back. */
import { html } from 'lit';
import { dateTime } from '../format.js';
import { t } from '../i18n/index.js';

/** That something has no history: it is what it is today (今日值). */
export const todayTag = () => html`<span class="tag today" data-testid="today" title=${t('past.today.hint')}>${t('past.today')}</span>`;

/** That something is of now, whatever instant is looked back at. */
export const liveTag = () => html`<span class="tag today" data-testid="live-now" title=${t('past.live.hint')}>${t('past.live')}</span>`;

/** "2026-11-22 21:40". */
export const instantWords = (at, timeZone) => dateTime(at, timeZone).slice(0, 16);
