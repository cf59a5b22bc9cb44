/** What pointer and keys do with a building taken apart: the room under the pointer, storeys up and down. */

/** A pointer that rests for so long is looked under: each look draws the picture once more, unseen. */
const REST = 50;

const STEPS = { PageUp: 1, PageDown: -1 };

/** Where keys write or scroll, they mean that. */
const WRITING = 'input:not([type="checkbox"]), textarea, select';
const SCROLLING = '.card-place, .right-side';

export class ExplodedPointer {
  #timer = null;

  /** @param {{exploded: import('./exploded.js').Exploded}} parts */
  constructor({ exploded }) {
    this.exploded = exploded;
  }

  opened(cityMap) {
    const { map } = cityMap;
    map.on('mousemove', ({ point }) => this.#later(() => {
      if (map.isMoving()) return;
      this.exploded.pointAt(cityMap.pick(point, this.exploded.picks)?.object?.room || null);
    }));
    map.on('mouseout', () => this.#later(() => this.exploded.pointAt(null)));
    document.addEventListener('keydown', (event) => this.#key(event));
  }

  #later(look) {
    clearTimeout(this.#timer);
    if (this.exploded.isOpen) this.#timer = setTimeout(() => this.exploded.isOpen && look(), REST);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(WRITING)) return;
    const { exploded } = this;
    if (event.key === 'e') exploded.toggle();
    else if (exploded.isOpen && event.key in STEPS && !event.target.closest?.(SCROLLING)) exploded.stepFloor(STEPS[event.key]);
    else return;
    event.preventDefault();
  }
}
