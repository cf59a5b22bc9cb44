/** 录入率: how much of what should be on record is; unknown where nobody has declared how much that is. */
import { html } from 'lit';
import { number } from '../../format.js';
import { t } from '../../i18n/index.js';
import { variables } from '../../panels/panel.js';
import { Block } from './wall-block.js';

class WallRates extends Block {
  render() {
    return this.block('rates', html`<dl class="wall-rates">${this.figures.rates().map((one) => this.#rate(one))}</dl>`);
  }

  #rate({ kind, rate, numerator }) {
    // A share is cut, not rounded: 99.7 % is not all.
    const percent = rate === null ? null : Math.floor(rate * 1000 + 1e-6) / 10;
    return html`
      <div data-kind=${kind} ?data-unknown=${rate === null}>
        <dt>${t(`grids.kind.${kind}`)}</dt>
        <dd class="wall-bar"><i ${variables({ share: Math.min(1, rate ?? 0) })}></i></dd>
        <dd data-testid="rate-${kind}" data-value=${rate ?? ''}>${percent === null
          ? html`<span>${t('grids.unknown')}</span><small>${t('wall.rates.entered', { count: number(numerator) })}</small>` : html`${number(percent, 1)}<small>%</small>`}</dd>
      </div>`;
  }
}
customElements.define('shapan-wall-rates', WallRates);
