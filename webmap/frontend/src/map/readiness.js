/**
 * Says when the picture is complete: style loaded, every tile of every layer in view drawn, the map at rest, and
 * the graphics card through with it. Without a card the processor draws, and a large city takes seconds after the
 * last command was given.
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
  #fence = null;

  /** `failures()` returns how many tiles are missing; `foreign(sourceId)` whether a source is another host's, for which nobody waits. */
  constructor({ cityMap, failures, foreign = () => false, root = document.documentElement }) {
    Object.assign(this, { cityMap, failures, foreign, root });
    this.#mark('loading');
    cityMap.map.on('movestart', () => this.pending());
    cityMap.map.on('idle', () => this.#check());
    cityMap.map.on('render', () => this.#drawn());
  }

  /** Something new is being drawn. */
  pending() {
    if (this.root.dataset.scene !== 'loading') this.#pendingSince = performance.now();
    this.#mark('loading');
    this.#fence = null;
    this.cityMap.map.triggerRepaint(); // the map says "idle" again only after another frame
    this.#poll();
  }

  /** A frame was commanded. Only one that began with everything at hand shows everything. */
  #drawn() {
    if (!this.#complete()) this.#fence = null;
    else this.#fence ??= this.cityMap.fence();
  }

  #complete() {
    const { map } = this.cityMap;
    return this.cityMap.mapLoaded(this.foreign) && !map.isMoving() && this.cityMap.layersLoaded();
  }

  #poll() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), POLL);
  }

  #check() {
    if (this.failures() > 0) {
      if (performance.now() - this.#pendingSince > ERROR_AFTER) this.#mark('error');
      else this.#poll();
      return;
    }
    if (this.#complete() && this.#fence?.passed()) {
      this.#mark('ready');
      if (this.#first) performance.mark('shapan:scene-ready');
      this.#first = false;
      return;
    }
    if (this.#complete() && !this.#fence) this.cityMap.map.triggerRepaint();
    this.#poll();
  }

  #mark(value) {
    if (this.root.dataset.scene !== value) this.root.dataset.scene = value;
  }
}
