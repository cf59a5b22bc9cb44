/** 图层: a tree of what the map shows, in the order in which it lies on one another, and how strong each layer is. */
import { html } from 'lit';
import { percent } from '../format.js';
import { STEP, treeKey } from '../base/tree.js';
import { t } from '../i18n/index.js';
import { folding } from './folding.js';
import { Panel, variables } from './panel.js';

const ARIA = { true: 'true', false: 'false', mixed: 'mixed' };

/** Groups that are folded have this before their name among the folded panels. */
const FOLDED = 'layers-';

class LayerList extends Panel {
  static topics = ['view', 'folded', 'under', 'devices', 'grids', 'keepers'];

  /** Id of the row that the keyboard is at. */
  #at = null;

  render() {
    return folding(this, 'layers', () => {
      const groups = this.actions.tree.groups();
      if (!this.#rows(groups).some(({ id }) => id === this.#at)) this.#at = groups[0].id;
      return html`
        <ul class="layer-tree" role="tree" aria-labelledby="layers-title" data-testid="layer-tree"
          @keydown=${(event) => this.#key(event, groups)}>
          ${groups.map((group) => this.#group(group))}
        </ul>
        ${this.store.state.under.troubles.map(([id, trouble]) => html`
          <p class="hint layer-trouble" role="status" data-testid="trouble-${id}"><shapan-icon name="partial"></shapan-icon>
            <span>${this.actions.tree.troubleWords(id, trouble)}</span></p>`)}`;
    });
  }

  #group({ id, layers, checked }) {
    const open = !this.store.state.folded.has(FOLDED + id);
    const words = t(`layers.group.${id}`);
    return html`
      <li role="treeitem" class="layer-group" aria-level="1" aria-expanded=${open} aria-checked=${ARIA[checked]} aria-label=${words}
        tabindex=${id === this.#at ? 0 : -1} data-row=${id} data-testid="group-${id}"
        @click=${(event) => this.#click(event, id, () => this.#fold(id))} @focus=${() => this.#focused(id)}>
        <div class="layer-row">
          <shapan-icon class="layer-fold" name="chevron"></shapan-icon>
          <span class="layer-name">${words}</span>
          ${this.#box(checked, () => this.actions.tree.showGroup(id, checked !== true))}
        </div>
        ${open ? html`<ul role="group">${layers.map((layer) => this.#layer(layer))}</ul>` : ''}
      </li>`;
  }

  #layer({ id, icon, words, checked, strength }) {
    const toggle = () => this.actions.tree.show(id, checked !== true);
    return html`
      <li role="treeitem" class="layer" aria-level="2" aria-checked=${ARIA[checked]} aria-label=${words}
        tabindex=${id === this.#at ? 0 : -1} data-row=${id} data-testid="layer-${id}"
        @click=${(event) => this.#click(event, id, toggle)} @focus=${() => this.#focused(id)}>
        <div class="layer-row">
          <shapan-icon name=${icon}></shapan-icon>
          <span class="layer-name" title=${words}>${words}</span>
          ${strength === null || checked === false ? '' : this.#slider(id, words, strength)}
          ${this.#box(checked, toggle)}
        </div>
      </li>`;
  }

  /** For the pointer; what it says stands in the row's aria-checked. */
  #box(checked, toggle) {
    return html`<span class="layer-box" aria-hidden="true" data-checked=${ARIA[checked]}
      @click=${(event) => { event.stopPropagation(); toggle(); }}></span>`;
  }

  #slider(id, words, strength) {
    const value = Math.round(strength * 100);
    const says = t('layers.strength', { layer: words });
    return html`<input type="range" class="layer-strength" min="10" max="100" step="5" .value=${String(value)} aria-label=${says}
      aria-valuetext=${percent(strength)} title="${says} · ${percent(strength)}" tabindex=${id === this.#at ? 0 : -1}
      data-testid="strength-${id}" ${variables({ value: `${value}%` })}
      @click=${(event) => event.stopPropagation()}
      @input=${(event) => this.actions.tree.setStrength(id, Number(event.target.value) / 100)}>`;
  }

  #click(event, id, act) {
    event.stopPropagation();
    this.#at = id;
    act();
    this.requestUpdate();
  }

  #focused(id) {
    if (this.#at === id) return;
    this.#at = id;
    this.requestUpdate();
  }

  #fold(id) {
    this.actions.look.fold(FOLDED + id);
  }

  /** The rows that are seen, as `treeKey` takes them. */
  #rows(groups) {
    return groups.flatMap(({ id, layers }) => {
      const open = !this.store.state.folded.has(FOLDED + id);
      return [{ id, parent: null, open }, ...(open ? layers.map((layer) => ({ id: layer.id, parent: id, open: null })) : [])];
    });
  }

  #key(event, groups) {
    if (event.target.matches('.layer-strength') || event.altKey || event.ctrlKey || event.metaKey) return; // the slider has its own keys
    const at = event.target.closest('[data-row]').dataset.row;
    const group = groups.find(({ id }) => id === at);
    const layer = groups.flatMap(({ layers }) => layers).find(({ id }) => id === at);
    const row = group ?? layer;
    if (event.key === ' ' || event.key === 'Enter') {
      if (group) this.actions.tree.showGroup(group.id, group.checked !== true);
      else this.actions.tree.show(layer.id, layer.checked !== true);
    } else if (['+', '=', '-'].includes(event.key) && row.strength) {
      this.actions.tree.setStrength(row.id, row.strength + (event.key === '-' ? -STEP : STEP));
    } else {
      const done = treeKey(event.key, this.#rows(groups), at);
      if (done === null) return;
      if (done.open || done.close) this.#fold(done.open ?? done.close);
      if (done.focus) this.#go(done.focus);
    }
    event.preventDefault();
    event.stopPropagation();
    this.requestUpdate(); // without waiting for the map, which may be long in drawing what was chosen
  }

  /** At once: the next key may come before the next picture. */
  #go(id) {
    this.#focused(id);
    this.querySelector(`[data-row="${CSS.escape(id)}"]`)?.focus();
  }
}
customElements.define('shapan-layer-list', LayerList);
