/** What is shown on the map. */
import { html } from 'lit';
import { t } from '../i18n/index.js';
import { folding } from './folding.js';
import { Panel } from './panel.js';

const LAYERS = [['buildings', 'building'], ['alarms', 'alarm'], ['keepers', 'keeper'], ['grids', 'grid'], ['labels', 'label']];

class LayerList extends Panel {
  static topics = ['view', 'folded'];

  render() {
    return folding(this, 'layers', () => html`
      <ul class="layer-list">
        ${LAYERS.filter(([name]) => name !== 'keepers' || this.actions.keepers.allowed).map(([name, icon]) => html`
          <li>
            <label class="switch">
              <shapan-icon name=${icon}></shapan-icon>
              <span>${t(`layers.${name}`)}</span>
              <input type="checkbox" role="switch" data-testid="layer-${name}"
                .checked=${this.store.state.layers[name]}
                @change=${(event) => this.actions.showLayer(name, event.target.checked)}>
            </label>
          </li>`)}
      </ul>`);
  }
}
customElements.define('shapan-layer-list', LayerList);
