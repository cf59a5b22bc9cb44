/** 网格员: what the marks mean and how many there are of each; those of one state by name. Only while they are shown. */
import { html } from 'lit';
import { ago, number } from '../format.js';
import { t } from '../i18n/index.js';
import { KEEPER_STATES } from '../keepers/keeper-states.js';
import { folding } from './folding.js';
import './keeper-mark.js';
import { Panel } from './panel.js';

/** Names that are listed of one state. */
const MOST = 100;

class KeeperPanel extends Panel {
  static topics = ['keepers', 'view', 'folded'];

  static interval = 15_000;

  static properties = { ...Panel.properties, listed: { state: true } };

  render() {
    const { layers, keepers } = this.store.state;
    if (!layers.keepers) return '';
    return folding(this, 'keepers', () => this.#content(keepers));
  }

  #content({ status, error, counts }) {
    if (status === 'failed') {
      return html`<p class="hint bad" role="alert">${error.title} ${error.cure || error.detail}</p>
        <button type="button" @click=${() => this.actions.keepers.show(true)}>${t('card.retry')}</button>`;
    }
    const { style } = this.store.state;
    return html`
      <ul class="keeper-states" data-testid="keeper-states" data-status=${status}>
        ${KEEPER_STATES.map((state) => html`
          <li><button type="button" class="quiet" aria-expanded=${this.listed === state} data-testid="keepers-${state}"
              @click=${() => { this.listed = this.listed === state ? null : state; }}>
              <shapan-keeper-mark state=${state} look=${style}></shapan-keeper-mark><span>${t(`keepers.state.${state}`)}</span>
              <b>${number(counts?.[state] ?? 0)}</b></button>
            ${this.listed === state ? this.#names(state) : ''}</li>`)}
      </ul>`;
  }

  #names(state) {
    const found = this.actions.keepers.inState(state);
    if (found.length === 0) return html`<p class="hint">${t('keepers.nobody')}</p>`;
    return html`<ul class="keeper-names">
      ${found.slice(0, MOST).map((one) => html`<li><button type="button" class="quiet" data-testid="keeper-name"
        @click=${() => this.actions.opening.openKeeper(one.code)}><span>${one.name ?? one.code}</span>
        <time>${ago(one.at, this.store.now())}</time></button></li>`)}
      ${found.length > MOST ? html`<li class="hint">${t('warning.rest', { count: number(found.length - MOST) })}</li>` : ''}
    </ul>`;
  }
}
customElements.define('shapan-keeper-panel', KeeperPanel);
