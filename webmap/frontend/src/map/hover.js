/** What lies under a resting pointer: found after a moment, followed while the pointer moves, gone when it goes. */

/** Milliseconds that a pointer rests before something is said, and between two looks once something is. */
export const REST = 150;
export const AGAIN = 80;

export class Hover {
  #timer = null;
  #point = null;
  #shown = false;

  /**
   * @param {object} parts
   * @param {(point: {x: number, y: number}) => *} parts.find what lies there; null for nothing
   * @param {(found: *, point: object) => void} parts.onFound it, or null, and where the pointer is
   * @param {object} [parts.clock] `{ setTimeout, clearTimeout }`
   */
  constructor({ find, onFound, clock = {} }) {
    Object.assign(this, { find, onFound });
    this.setTimeout = clock.setTimeout ?? ((callback, ms) => setTimeout(callback, ms));
    this.clearTimeout = clock.clearTimeout ?? ((timer) => clearTimeout(timer));
  }

  /** Follow the pointer over an element. A finger has no resting pointer: what it touches opens a card. */
  follow(element) {
    element.addEventListener('pointermove', ({ pointerType, buttons, offsetX, offsetY }) => {
      if (pointerType === 'touch' || buttons) this.end();
      else this.moved({ x: offsetX, y: offsetY });
    });
    for (const name of ['pointerleave', 'pointerdown', 'wheel']) element.addEventListener(name, () => this.end(), { passive: true });
  }

  moved(point) {
    this.#point = point;
    if (!this.#shown) {
      this.clearTimeout(this.#timer); // it has not come to rest yet
      this.#timer = null;
    }
    this.#timer ??= this.setTimeout(() => this.#look(), this.#shown ? AGAIN : REST);
  }

  #look() {
    this.#timer = null;
    const found = this.find(this.#point);
    if (found === null && !this.#shown) return;
    this.#shown = found !== null;
    this.onFound(found, this.#point);
  }

  end() {
    this.clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#shown) return;
    this.#shown = false;
    this.onFound(null, this.#point);
  }
}
