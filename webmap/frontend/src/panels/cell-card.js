/** 汇总格卡片: the sums of one cell, as its tile says them. */
import { html } from 'lit';
import { distance, number } from '../format.js';
import { t } from '../i18n/index.js';
import { cardButtons } from './card-buttons.js';
import { Panel } from './panel.js';
import { todayTag } from './past-words.js';

class CellCard extends Panel {
  static topics = ['card', 'past'];

  render() {
    const { cell } = this.store.state;
    if (cell === null) return '';
    const side = distance(cell.side);
    const figures = [
      ['buildings', number(cell.buildings)], ['residents', number(cell.residents)],
      ['height', t('unit.metres', { value: number(cell.height, 1) })], ['floors', number(cell.floors, 1)],
    ];
    return html`
      <article class="panel card cell-card" data-testid="cell-card">
        ${cardButtons(this, 'cell')}
        <header>
          <p class="card-kind"><shapan-icon name="grid"></shapan-icon>${t('cell.kind')}${this.store.state.past.on ? todayTag() : ''}</p>
          <h2>${t('cell.size', { side })}</h2>
        </header>
        <dl class="figures">
          ${figures.map(([name, value]) => html`
            <div><dt>${t(`cell.${name}`)}</dt><dd data-testid="cell-${name}">${value}</dd></div>`)}
        </dl>
        <button type="button" @click=${() => this.actions.city.flyToCell(cell)}>${t('cell.near')}</button>
      </article>`;
  }
}
customElements.define('shapan-cell-card', CellCard);
