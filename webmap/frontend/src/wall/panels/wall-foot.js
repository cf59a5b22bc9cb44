/** Which stop of the tour this is, what its colours mean, and small print: what was passed over, why it is silent, how large the text is. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { number } from '../../format.js';
import { pick, t } from '../../i18n/index.js';
import { variables } from '../../panels/panel.js';
import { classRange } from '../../map/scene-functions.js';
import { gridsColoured } from '../../grids/grid-state.js';
import { Panel } from '../../panels/panel.js';

class WallFoot extends Panel {
  static topics = ['wall', 'scene', 'grids', 'view'];

  render() {
    const { tour, takeover, fit, sound } = this.store.state.wall;
    const legend = takeover === null ? this.#legend() : undefined;
    return html`
      ${tour && tour.length > 0 && takeover === null ? html`<p class="wall-stop" data-testid="stop" data-at=${tour.at}>
        <b>${tour.title}</b>${tour.length > 1 ? html`<span>${number(tour.at + 1)} / ${number(tour.length)}</span>` : ''}</p>` : ''}
      ${legend ? html`<figure class="wall-legend"><figcaption>${pick(legend.title)}</figcaption><ul>${
        repeat(legend.classes ?? [], (_, index) => index, (one) => html`<li><i ${variables({ color: `rgb(${(one.color ?? []).slice(0, 3).join(' ')})` })}></i>${
          one.label ? pick(one.label) : classRange(one, (value) => number(value))}</li>`)}</ul></figure>` : ''}
      <p class="wall-small">${this.#small(tour).map((words) => html`<span>${words}</span>`)}</p>
      ${sound === 'blocked' ? html`<p class="wall-small wall-said" data-testid="sound-blocked"><span>${t('wall.sound.blocked')}
        <button type="button" @click=${() => this.actions.sound.unlock()}>${t('wall.sound.allow')}</button></span></p>` : ''}
      ${this.actions.options.check && fit ? html`<p class="wall-small wall-said" data-testid="check"><span>${this.#check(fit)}</span></p>` : ''}`;
  }

  #legend() {
    const { state } = this.store;
    const { map } = this.actions;
    if (gridsColoured(state)) return map.grids.legend();
    return state.metric === 'alarms' ? undefined : map.city.legend();
  }

  #small(tour) {
    if (!tour) return [];
    return [tour.skipped > 0 ? t('wall.tour.skipped', { count: number(tour.skipped) }) : '', tour.missing ? t('wall.tour.missing') : ''].filter(Boolean);
  }

  #check({ layout, density, rem, minutes, smallest, legible }) {
    const { wall } = this.actions.options;
    return t(legible ? 'wall.check' : 'wall.check.small', {
      minutes: number(minutes, 1), smallest: number(smallest, 1), rem: number(rem, 1), layout, density,
      height: number(wall.height_m, 2), distance: number(wall.distance_m, 2),
    });
  }
}
customElements.define('shapan-wall-foot', WallFoot);
