/** Who is to be named beside the map for what lies under the city. */
import { t } from '../i18n/index.js';

/** All names in one line; nothing where there are none. */
export const creditWords = (names) => (names.length === 0 ? '' : t('map.attribution', { names: names.join(' · ') }));

/** A control of MapLibre, beside the scale. */
export class Credits {
  #element = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {() => string[]} parts.names
   */
  constructor({ store, names }) {
    this.names = names;
    store.subscribe(['view', 'under', 'language'], () => this.#draw());
  }

  addTo(map) {
    map.addControl(this, 'bottom-right');
  }

  onAdd() {
    this.#element = Object.assign(document.createElement('div'), { className: 'maplibregl-ctrl credits', hidden: true });
    this.#element.dataset.testid = 'credits';
    this.#draw();
    return this.#element;
  }

  onRemove() {
    this.#element?.remove();
  }

  #draw() {
    if (this.#element === null) return;
    const words = creditWords(this.names());
    this.#element.textContent = words;
    this.#element.hidden = words === '';
  }
}
