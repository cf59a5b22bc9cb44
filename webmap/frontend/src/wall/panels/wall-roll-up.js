/** 态势汇总: each place as bad as the worst in it, from the county to the grid; each stands always in the same spot. */
import { html } from 'lit';
import { number } from '../../format.js';
import { named, t } from '../../i18n/index.js';
import { SEVERITIES } from '../../alarms/alarm-terms.js';
import { LEVELS } from '../roll-up.js';
import { Block } from './wall-block.js';

/** Cells of a level that fit, by layout; of more, only those that are not as they should be. */
const FEW = { county: 2, street: 12, community: 24, grid: 48 };
const MOST = { wide: { county: 4, street: 24, community: 60, grid: 180 } };

/** Places of a level that are few enough to be named. */
const NAMED = 3;
const NAMED_WIDE = 6;

/** What is left out, one after the other, where a block has less room: what stands above says what is below it. */
const TIGHTER = [{}, { grid: 24 }, { grid: 24, county: 0 }, { grid: 24, county: 0, street: 0 }, { grid: 24, county: 0, street: 0, community: 12 },
  { grid: 12, county: 0, street: 0, community: 0 }, { grid: 0, county: 0, street: 0, community: 0 }];

class WallRollUp extends Block {
  #tight = 0;
  #room = 0;

  /** Nothing is cut: what does not fit is left out, before anybody sees it. */
  updated() {
    const block = this.querySelector('.wall-block');
    const room = block.clientHeight;
    if (block.scrollHeight > block.clientHeight + 1 && this.#tight < TIGHTER.length - 1) {
      this.#tight += 1;
      this.requestUpdate();
    } else if (this.#tight > 0 && this.#room !== room) {
      this.#tight = 0; // there is other room now
      this.requestUpdate();
    }
    this.#room = room;
  }

  render() {
    const { rollUp } = this.actions;
    if (!this.store.state.wall.placed) return this.block('rollup', html`<p class="wall-none">${t('wall.loading')}</p>`);
    const path = rollUp.worstPath();
    return this.block('rollup', html`
      <p class="wall-path" data-testid="worst-path" data-severity=${path[0]?.worst ?? 'none'}>${path.length === 0
        ? html`<shapan-icon name="empty"></shapan-icon>${t('wall.rollup.calm')}`
        : html`<shapan-severity severity=${path.at(-1).worst}></shapan-severity><span>${path.slice(this.#wide ? 0 : -2).map((place) => named(place)).join(' › ')}</span>`}</p>
      ${Object.keys(LEVELS).map((level) => this.#level(level, rollUp.states(level)))}`);
  }

  get #wide() {
    return this.store.state.wall.fit?.layout === 'wide';
  }

  #level(level, states) {
    if (states.length === 0) return '';
    const most = TIGHTER[this.#tight][level] ?? (MOST[this.store.state.wall.fit?.layout] ?? FEW)[level];
    if (most === 0) return '';
    const bad = states.filter(({ worst }) => worst !== null);
    const whole = states.length <= most;
    const shown = whole ? states
      : [...bad].sort((one, other) => SEVERITIES.indexOf(one.worst) - SEVERITIES.indexOf(other.worst)).slice(0, most);
    const names = states.length <= (this.#wide ? NAMED_WIDE : NAMED);
    const left = bad.length - shown.length;
    return html`
      <div class="wall-level" data-level=${level} ?data-named=${names}>
        <h3>${t(`wall.level.${level}`)}<small>${bad.length > 0 ? html`<b>${number(bad.length)}</b>/` : ''}${number(states.length)}</small></h3>
        <ul>${shown.map((place) => this.#cell(place, names))}${whole ? '' : html`
          <li class="wall-rest">${left > 0 ? t('wall.rollup.more', { count: number(left) }) : t('wall.rollup.rest', { count: number(states.length - bad.length) })}</li>`}</ul>
      </div>`;
  }

  #cell(place, names) {
    const { code, worst, waiting, count } = place;
    const words = `${named(place)} ${worst === null ? t('wall.rollup.normal') : t(`severity.${worst}`)}`;
    return html`<li data-code=${code} data-severity=${worst ?? 'none'} ?data-waiting=${waiting} title=${words} aria-label=${words}>
      ${worst === null ? html`<i></i>` : html`<shapan-severity severity=${worst}></shapan-severity>`}
      ${names ? html`<span>${named(place)}</span>${count > 0 ? html`<b>${number(count)}</b>` : ''}` : ''}</li>`;
  }
}
customElements.define('shapan-wall-roll-up', WallRollUp);
