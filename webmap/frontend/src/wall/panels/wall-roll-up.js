/** 态势汇总: each place as bad as the worst in it, from the county to the grid; each stands always in the same spot. */
import { html } from 'lit';
import { number } from '../../format.js';
import { named, t } from '../../i18n/index.js';
import { SEVERITIES } from '../../alarms/alarm-terms.js';
import { LEVELS } from '../roll-up.js';
import { Block } from './wall-block.js';

/** Cells of a level that a wall shows; of more, only those that are not as they should be. */
const MOST = { county: 4, street: 12, community: 24, grid: 160 };

/** Levels whose places are few enough to be named. */
const NAMED = 6;

class WallRollUp extends Block {
  render() {
    const { rollUp } = this.actions;
    if (!this.store.state.wall.placed) return this.block('rollup', html`<p class="wall-none">${t('wall.loading')}</p>`);
    const path = rollUp.worstPath();
    return this.block('rollup', html`
      <p class="wall-path" data-testid="worst-path" data-severity=${path[0]?.worst ?? 'none'}>${path.length === 0
        ? html`<shapan-icon name="empty"></shapan-icon>${t('wall.rollup.calm')}`
        : html`<shapan-severity severity=${path.at(-1).worst}></shapan-severity>${path.slice(-3).map((place) => named(place)).join(' › ')}`}</p>
      ${Object.keys(LEVELS).map((level) => this.#level(level, rollUp.states(level)))}`);
  }

  #level(level, states) {
    if (states.length === 0) return '';
    const bad = states.filter(({ worst }) => worst !== null);
    const shown = states.length <= MOST[level] ? states
      : [...bad].sort((one, other) => SEVERITIES.indexOf(one.worst) - SEVERITIES.indexOf(other.worst)).slice(0, MOST[level]);
    const rest = states.length - shown.length;
    const names = states.length <= NAMED;
    return html`
      <div class="wall-level" data-level=${level} ?data-named=${names}>
        <h3>${t(`wall.level.${level}`)}<small>${bad.length > 0 ? html`<b>${number(bad.length)}</b>/` : ''}${number(states.length)}</small></h3>
        <ul>${shown.map((place) => this.#cell(place, names))}${rest > 0 ? html`<li class="wall-rest">${t('wall.rollup.rest', { count: number(rest) })}</li>` : ''}</ul>
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
