/** 录入率: how much of what should be on record is, in the words of the data page. */
import { html } from 'lit';
import { number } from '../../format.js';
import { t } from '../../i18n/index.js';
import { variables } from '../../panels/panel.js';
import { reading } from '../../data/rates/rates.js';
import { words } from '../../data/rates/rate-words.js';
import { Block } from './wall-block.js';

class WallRates extends Block {
  render() {
    return this.block('rates', html`<dl class="wall-rates">${this.figures.rates().map((one) => this.#rate(one))}</dl>`);
  }

  #rate(one) {
    const { kind, numerator } = one;
    const { state, value } = reading(one);
    const why = { unknown: () => t('wall.rates.entered', { count: number(numerator) }), over: () => t('rates.over') }[state];
    return html`
      <div data-kind=${kind} data-state=${state} ?data-unknown=${value === null}>
        <dt>${t(`grids.kind.${kind}`)}</dt>
        <dd class="wall-bar"><i ${variables({ share: Math.min(1, value ?? 0) })}></i></dd>
        <dd data-testid="rate-${kind}" data-value=${value ?? ''}><span>${words(one)}</span>${why ? html`<small>${why()}</small>` : ''}</dd>
      </div>`;
  }
}
customElements.define('shapan-wall-rates', WallRates);
