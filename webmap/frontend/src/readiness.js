/**
 * Says when the picture is complete: style loaded, every tile of every layer in view drawn, the map at rest.
 *
 * The answer stands in <html data-scene="loading|ready|error">, for tests and for whoever takes a snapshot. It
 * falls back to "loading" when something new is to be drawn.
 */

const POLL = 60;
/** With tiles missing the picture never becomes ready; after this long it is called an error. */
const ERROR_AFTER = 8_000;

export class Readiness {
  #timer = 0;
  #pendingSince = performance.now();
  #first = true;

  /** `failures()` returns how many tiles are missing. */
  constructor({ cityMap, failures, root = document.documentElement }) {
    Object.assign(this, { cityMap, failures, root });
    this.#mark('loading');
    cityMap.map.on('movestart', () => this.pending());
    cityMap.map.on('idle', () => this.#check());
  }

  /** Something new is being drawn. */
  pending() {
    if (this.root.dataset.scene !== 'loading') this.#pendingSince = performance.now();
    this.#mark('loading');
    this.cityMap.map.triggerRepaint(); // the map says "idle" again only after another frame
    this.#poll();
  }

  #poll() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), POLL);
  }

  #check() {
    const { map } = this.cityMap;
    if (this.failures() > 0) {
      if (performance.now() - this.#pendingSince > ERROR_AFTER) this.#mark('error');
      else this.#poll();
      return;
    }
    const complete = map.loaded() && !map.isMoving() && this.cityMap.layersLoaded();
    if (!complete) {
      this.#poll();
      return;
    }
    this.#mark('ready');
    if (this.#first) performance.mark('shapan:scene-ready');
    this.#first = false;
  }

  #mark(value) {
    if (this.root.dataset.scene !== value) this.root.dataset.scene = value;
  }
}
