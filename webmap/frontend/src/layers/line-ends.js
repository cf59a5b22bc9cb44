/** What stands at the end of each line to what is near: what it is and how far. In the document, above the map. */
import { distance } from '../format.js';
import { t } from '../i18n/index.js';
import { endInView, NEAR, spread } from '../exploded/near-ends.js';

export class LineEnds {
  #elements = new Map();

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.container over the map, same origin
   * @param {import('../map/map.js').CityMap} parts.cityMap
   * @param {() => object[]} parts.lines that are drawn now, as endsOf tells them
   * @param {(line: object) => void} parts.onFly somebody wants to see what is there
   */
  constructor({ container, cityMap, lines, onFly }) {
    Object.assign(this, { container, cityMap, lines, onFly });
    cityMap.map.on('render', () => this.draw());
  }

  draw() {
    const lines = this.lines();
    if (lines.length === 0 && this.#elements.size === 0) return;
    const viewport = this.cityMap.viewport();
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const project = (place) => viewport.project(place);
    const free = this.cityMap.freePart({ across: 3.4 * rem, along: 1.4 * rem });
    const shown = lines.flatMap((line) => {
      const at = endInView(line.from, line.to, project, free);
      return at === null ? [] : [{ ...at, line }];
    });
    const kept = new Set();
    for (const { line, x, y, beyond } of spread(shown, { width: 5.5 * rem, height: 1.9 * rem })) {
      kept.add(line.kind);
      this.#put(line, x, y, beyond);
    }
    for (const [kind, element] of this.#elements) {
      if (kept.has(kind)) continue;
      element.remove();
      this.#elements.delete(kind);
    }
  }

  #put(line, x, y, beyond) {
    const { kind, name, metres } = line;
    const element = this.#elements.get(kind) ?? this.#create(kind);
    element.line = line;
    const far = distance(metres);
    const words = t('near.lines.to', { kind: t(`near.${kind}`), name, distance: far });
    const written = element.querySelector('span');
    if (written.textContent !== far) written.textContent = far;
    if (element.title !== words) {
      element.title = words;
      element.setAttribute('aria-label', words);
    }
    element.dataset.code = line.code;
    element.dataset.kind = t(`near.${kind}`);
    element.toggleAttribute('data-beyond', beyond);
    element.style.transform = `translate3d(${x.toFixed(1)}px, ${y.toFixed(1)}px, 0)`;
  }

  #create(kind) {
    const element = document.createElement('button');
    Object.assign(element, { type: 'button', className: 'line-end' });
    element.dataset.testid = `line-${kind}`;
    const icon = document.createElement('shapan-icon');
    icon.setAttribute('name', NEAR[kind]);
    element.append(icon, document.createElement('span'));
    element.addEventListener('click', (event) => {
      event.stopPropagation();
      this.onFly(element.line);
    });
    this.container.append(element);
    this.#elements.set(kind, element);
    return element;
  }
}
