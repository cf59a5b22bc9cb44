/** What the page shows of scene and style: it asks the server for both together and makes the map from the first answer. */
import { requestJson } from '../api.js';
import { address } from '../config.js';
import { language } from '../i18n/index.js';
import { cameraWithin } from './camera.js';
import { panelPadding } from './panel-padding.js';
import { SceneWish } from './scene-wish.js';
import { fetchScene } from './scene.js';

export class SceneView {
  #wish = new SceneWish((wish, signal) => this.#read(wish, signal));

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {{scene: string, style: string}} parts.urls
   * @param {import('../look.js').Look} parts.look
   * @param {import('./stage.js').Stage} parts.stage
   * @param {() => object|null} parts.camera where a map is to open; null for the opening picture
   * @param {() => object} parts.under `hidden` and `dress` of the map, as CityMap takes them
   * @param {(cityMap: import('./map.js').CityMap) => void} parts.onOpened
   */
  constructor({ store, urls, look, stage, camera, under, onOpened }) {
    Object.assign(this, { store, urls, look, stage, camera, under, onOpened });
  }

  /** Read scene and style, then make the map. A failure is shown with its cure and a button to try again. */
  open() {
    return this.#show({ metric: this.store.state.metric, style: this.look.style });
  }

  /** Without WebGL only the numbers and the alarms are of use. */
  async openWithoutMap() {
    document.documentElement.dataset.scene = 'error';
    try {
      const { counts } = await this.#fetchScene({ metric: this.store.state.metric, style: this.look.style });
      this.store.applyCounts(counts ?? {});
    } catch (error) {
      this.#setScene({ error });
    }
  }

  /** Wish for another metric or style. What is wished for already is here or on its way, unless it failed. */
  change(changes) {
    return this.#wish.holds(changes) && this.store.state.scene.status !== 'error' ? undefined : this.#show(changes);
  }

  /** Once more what was wished for last. */
  retry() {
    return this.#show({});
  }

  /** Edit what is wished for and show it, on the map that there is or on a new one. */
  async #show(changes) {
    if (this.store.state.scene.status !== 'ready') this.#setScene({ status: 'loading', error: null });
    try {
      const found = await this.#wish.ask(changes);
      if (found === null) return;
      this.#accept(found);
      this.#setScene({ status: 'ready' });
      this.store.touch('view');
    } catch (error) {
      this.#failed(error);
    }
  }

  /** All that a wish needs, read at once: page and map change together or not at all. */
  async #read(wish, signal) {
    const { cityMap } = this.stage;
    const [scene, base] = await Promise.all([
      this.#fetchScene(wish, signal),
      cityMap === null || wish.style !== this.look.style
        ? requestJson(address(this.urls.style, { style: wish.style }), { signal }) : null,
    ]);
    if (this.stage.cityMap === null) await this.stage.listening();
    return { scene, base };
  }

  #fetchScene({ metric, style }, signal) {
    return fetchScene(this.urls.scene, { metric, style }, { signal });
  }

  #accept({ wish: { metric, style }, answer: { scene, base } }) {
    this.stage.accept(scene.deck);
    this.store.applyCounts(scene.counts ?? {});
    this.#setScene({ legend: scene.legend ?? [], bounds: scene.bounds, exact: scene.exact ?? true });
    this.store.state.metric = metric;
    if (style !== this.look.style) {
      this.look.setStyle(style);
      this.store.state.style = style;
      this.stage.cityMap?.setStyle(base);
    }
    if (this.stage.cityMap === null) this.#makeMap(scene, base);
  }

  #makeMap(scene, style) {
    this.stage.open({
      container: document.getElementById('map'),
      style,
      scene,
      camera: cameraWithin(this.camera(), scene.bounds),
      lang: language(),
      padding: panelPadding,
      ...this.under(),
      scale: parseFloat(getComputedStyle(document.documentElement).fontSize) / 15,
      slow: document.documentElement.dataset.webgl === 'software',
    });
    this.onOpened(this.stage.cityMap);
  }

  #setScene(changes) {
    this.store.set('scene', { scene: { ...this.store.state.scene, ...changes } });
  }

  #failed(error) {
    if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
    this.#setScene({ status: 'error', error });
    document.documentElement.dataset.scene = 'error';
  }
}
