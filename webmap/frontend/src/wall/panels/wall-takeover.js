/** 接管: the card of what has taken the picture, in type that is read from the back of the room. */
import { html } from 'lit';
import { duration, number, timeOfDay } from '../../format.js';
import { t } from '../../i18n/index.js';
import { typeIcon } from '../../alarms/alarm-terms.js';
import { colourOf, colourWords, textsOf, untilWords } from '../../warnings/warning-terms.js';
import { warningSign } from '../../panels/warning-words.js';
import { Panel } from '../../panels/panel.js';
import { toldAt } from '../briefs.js';
import { byPlace } from '../takeover.js';
import { siteOf, typeOf, wayOf } from './wall-words.js';

/** Places of a flood that are named. */
const MOST_PLACES = 5;

class WallTakeover extends Panel {
  static topics = ['wall', 'alarms', 'warnings'];

  static interval = 1000;

  render() {
    const { takeover } = this.store.state.wall;
    if (takeover === null) return '';
    return html`<p class="unseen" role="alert">${this.#said(takeover)}</p>${this.#drawn(takeover)}`;
  }

  #drawn(takeover) {
    const draw = { alarms: () => this.#alarms(takeover), flood: () => this.#flood(takeover), warning: () => this.#warning(takeover) };
    return draw[takeover.kind]();
  }

  /** For who hears the page: once for each picture, and not again each second as its age goes on. */
  #said({ kind, briefs, warning, count }) {
    const { rollUp } = this.actions;
    if (kind === 'flood') return `${t('wall.flood')} ${number(count)}`;
    if (kind === 'warning') return warning === null ? '' : [textsOf(warning).event, colourWords(warning), warning.area_desc].filter(Boolean).join(' ');
    const [brief] = briefs;
    return brief ? [t('severity.critical'), typeOf(brief), siteOf(brief, rollUp)].join(' ') : '';
  }

  #card(kind, attributes, content) {
    const { takeover } = this.store.state.wall;
    return html`<article class="wall-card" data-testid="takeover" data-kind=${kind} data-key=${takeover.key} data-count=${takeover.count}
      data-colour=${attributes.colour ?? 'none'} data-severity=${attributes.severity ?? 'none'} ?data-waiting=${attributes.waiting} ?data-over=${takeover.over}>
      ${content}
      <p class="wall-next">${[takeover.over ? t('wall.takeover.seen') : '', takeover.waiting > 0 ? t('wall.takeover.waiting', { count: number(takeover.waiting) }) : '']
        .filter(Boolean).join(' · ')}</p></article>`;
  }

  #alarms({ briefs, count, left, over }) {
    // One that ended meanwhile stands nowhere any more: what was shown last is said until the picture changes.
    const [brief] = briefs.length > 0 ? briefs : [this.last];
    if (!brief) return '';
    this.last = brief;
    const { rollUp } = this.actions;
    return this.#card('alarms', { severity: 'critical', waiting: !over }, html`
      <header><span class="alarm-sign"><shapan-severity severity="critical"></shapan-severity><shapan-icon name=${typeIcon(brief.type)}></shapan-icon></span>
        <h2>${typeOf(brief)}</h2><b class="wall-grade">${t('severity.critical')}</b>${count > 1 ? html`<b class="wall-times">×${number(count)}</b>` : ''}</header>
      <p class="wall-where">${siteOf(brief, rollUp)}</p>
      <p class="wall-way">${wayOf(brief, rollUp)}</p>
      <p class="wall-when"><time>${timeOfDay(brief.occurred_at, this.config.timeZone)}</time><span>${t('wall.since', { age: duration(this.store.now() - toldAt(brief)) })}</span>
        ${left > 0 ? html`<b>${t('state.active_unack')}${left > 1 ? ` ${number(left)}` : ''}</b>` : ''}</p>`);
  }

  #flood({ briefs, count, left, over }) {
    const { rollUp } = this.actions;
    const places = byPlace(briefs);
    return this.#card('flood', { severity: 'critical', waiting: !over }, html`
      <header><span class="alarm-sign"><shapan-severity severity="critical"></shapan-severity><shapan-icon name="flood"></shapan-icon></span>
        <h2>${t('wall.flood')}</h2><b class="wall-times">${number(count)}</b></header>
      <p class="wall-way">${t('wall.flood.places', { count: number(places.length), left: number(left) })}</p>
      <ol class="wall-places">${places.slice(0, MOST_PLACES).map((one) => html`<li><b>${number(one.count)}</b><span>${siteOf(one.brief, rollUp)}</span>
        <em>${typeOf(one.brief)}</em></li>`)}</ol>`);
  }

  #warning({ warning }) {
    if (warning !== null) this.last = warning;
    const shown = warning ?? this.last;
    if (!shown?.ends_at) return '';
    return this.#card('warning', { colour: colourOf(shown) }, html`
      <header>${warningSign(shown, { large: true })}<h2>${textsOf(shown).event}</h2><b class="wall-grade">${colourWords(shown)}</b></header>
      <p class="wall-where">${shown.area_desc ?? ''}</p>
      <p class="wall-when"><time>${timeOfDay(shown.begins_at, this.config.timeZone)}</time>
        <span>${t('warning.until', { time: untilWords(shown.ends_at, this.store.now(), this.config.timeZone) })}</span></p>`);
  }
}
customElements.define('shapan-wall-takeover', WallTakeover);
