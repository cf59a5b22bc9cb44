/** Names beside a building taken apart: its storeys, its units, and of one storey alone its rooms. In the document, above the map. */
import { apart } from '../exploded/exploded-terms.js';
import { t } from '../i18n/index.js';
import { floorWords } from '../format.js';

/** Beyond this many, the numbers of a storey's rooms would hide it. */
const MOST_ROOMS = 120;

export class ExplodedLabels {
  #elements = new Map();

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.container over the map, same origin
   * @param {import('../map/map.js').CityMap} parts.cityMap
   * @param {() => object|null} parts.view what is drawn now; null when nothing is taken apart
   * @param {(floor: number) => void} parts.onFloor
   */
  constructor({ container, cityMap, view, onFloor }) {
    Object.assign(this, { container, cityMap, view, onFloor });
    // After the map has drawn and in the same frame, so that names never trail behind the picture.
    cityMap.map.on('render', () => this.draw());
  }

  draw() {
    const view = this.view();
    if (view === null) {
      if (this.#elements.size > 0) this.#keep(new Set());
      return;
    }
    const viewport = this.cityMap.viewport();
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const project = (place) => viewport.project(place).slice(0, 2);
    const kept = new Set();
    for (const label of [...this.#storeys(view, project, rem), ...this.#units(view, project), ...this.#rooms(view, project, rem)]) {
      kept.add(label.key);
      this.#put(label);
    }
    this.#keep(kept);
  }

  /** On the left of each storey, as many as stand apart; those that are meant before the others. */
  #storeys({ scene, contents, floor, room, hovered, lit, bottom, plans }, project, rem) {
    const { floors, measures: { storey_m: storey } } = scene;
    const outline = plans.flatMap(([shell]) => shell);
    const middle = bottom(Math.floor(floors.length / 2));
    const left = outline.reduce((best, at) => (project([...at, middle])[0] < project([...best, middle])[0] ? at : best));
    const meant = new Set([room, hovered].map((id) => contents.rooms.find((one) => one.id === id)?.floor));
    const alarmed = new Set([...lit.rooms.keys()].map((id) => contents.rooms.find((one) => one.id === id)?.floor));
    for (const { floor: at } of lit.storeys.values()) alarmed.add(at);
    const labels = floors.map((name, level) => {
      const [x, y] = project([...left, bottom(level) + storey / 3]);
      return { name, x: x - 0.6 * rem, y, first: meant.has(name) || alarmed.has(name) || name === floor };
    }).filter(({ name }) => floor === null || name === floor);
    const written = apart(labels, 1.45 * rem);
    return labels.filter((_, index) => written.has(index)).map(({ name, x, y }) => ({
      key: `floor-${name}`, kind: 'floor', x, y, words: floorWords(name), meant: meant.has(name) || name === floor,
      alarmed: alarmed.has(name), onClick: () => this.onFloor(name),
    }));
  }

  #units({ scene, floor, bottom }, project) {
    const { units, floors, measures: { storey_m: storey } } = scene;
    if (units.length < 2) return [];
    const level = floor === null ? floors.length - 1 : floors.indexOf(floor);
    return units.map(({ id, number, centre }) => {
      const [x, y] = project([...centre, bottom(level) + storey * 1.6]);
      return { key: `unit-${id}`, kind: 'unit', x, y, words: t('place.unit', { unit: number }) };
    });
  }

  /** Numbers of one storey's rooms; in the whole building only of the one that is meant. */
  #rooms({ scene, contents, floor, room, hovered, bottom, lit }, project, rem) {
    const { measures: { storey_m: storey } } = scene;
    const rooms = contents.rooms.filter((one) => scene.centres[one.id] && (one.id === room || one.id === hovered
      || one.floor === floor));
    const labels = rooms.slice(0, MOST_ROOMS).map((one) => {
      const [x, y] = project([...scene.centres[one.id], bottom(scene.floors.indexOf(one.floor)) + storey * 0.6]);
      const meant = one.id === room || one.id === hovered;
      const words = t('place.room', { room: one.number });
      return {
        key: `room-${one.id}`, kind: 'room', x, y, meant, state: one.state,
        words: meant ? `${words} · ${t(`room.state.${lit.rooms.has(one.id) ? 'alarm' : one.state}`)}` : words,
      };
    }).sort((a, b) => Number(b.meant) - Number(a.meant));
    const taken = [];
    return labels.filter(({ x, y, words, meant }) => {
      const wide = (words.length * 0.75 + 1) * rem;
      const free = meant || taken.every((other) => Math.abs(other.x - x) > wide || Math.abs(other.y - y) > 1.3 * rem);
      if (free) taken.push({ x, y });
      return free;
    });
  }

  #put({ key, kind, x, y, words, meant = false, alarmed = false, state = '', onClick }) {
    let element = this.#elements.get(key);
    if (!element) {
      element = document.createElement(onClick ? 'button' : 'span');
      if (onClick) {
        Object.assign(element, { type: 'button', tabIndex: -1 }); // by keys the panel steps through the storeys
        element.addEventListener('click', (event) => {
          event.stopPropagation();
          onClick();
        });
      }
      element.className = `exploded-label ${kind}`;
      element.dataset.key = key;
      this.container.append(element);
      this.#elements.set(key, element);
    }
    if (element.textContent !== words) element.textContent = words;
    element.toggleAttribute('data-meant', meant);
    element.toggleAttribute('data-alarmed', alarmed);
    element.dataset.state = state;
    element.style.transform = `translate3d(${x.toFixed(1)}px, ${y.toFixed(1)}px, 0)`;
  }

  #keep(keys) {
    for (const [key, element] of this.#elements) {
      if (keys.has(key)) continue;
      element.remove();
      this.#elements.delete(key);
    }
  }
}
