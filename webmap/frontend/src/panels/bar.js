/** What the bars over both pages have in common: brand, way to the other page, clock, switch of the language. */
import { html } from 'lit';
import { dateTime, longDate } from '../format.js';
import { language, t } from '../i18n/index.js';
import './account-menu.js';

/** Icon, name of the program, which page this is, and what stands beside that. */
export const brand = (icon, place, beside = '') => html`
  <div class="brand">
    <shapan-icon name=${icon}></shapan-icon>
    <h1>${t('app.name')}</h1>
    <span class="place">${place}</span>
    ${beside}
  </div>`;

/** Link to another page, opened in the language of this one. `name` is the page's in the words. */
export const pageLink = (name, icon, url) => html`
  <a class="page-link" href=${`${url}?lang=${language()}`} data-testid="to-${name}" title=${t(`page.${name}.hint`)}>
    <shapan-icon name=${icon}></shapan-icon><span>${t(`page.${name}`)}</span></a>`;

/** Who is logged in, and in which role. */
export const accountMenu = ({ config, store, actions }) => html`
  <shapan-account-menu .config=${config} .store=${store} .actions=${actions}></shapan-account-menu>`;

/** The server's time, `now` in milliseconds since 1970, and the button that switches the language. */
export const clockAndLanguage = (now, timeZone, actions) => html`
  <time class="clock" title=${longDate(now, timeZone)}>
    <span class="date">${dateTime(now, timeZone).slice(0, 10)}</span>
    <span class="hours">${dateTime(now, timeZone).slice(11)}</span>
  </time>
  <button type="button" class="quiet language" data-testid="language" title=${t('language.switch.hint')}
    lang=${language() === 'en' ? 'zh-CN' : 'en'} @click=${() => actions.switchLanguage()}>
    <shapan-icon name="language"></shapan-icon><span>${t('language.switch')}</span>
  </button>`;
