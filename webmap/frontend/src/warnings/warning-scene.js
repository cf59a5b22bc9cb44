/** What the warnings in force are on the map: their outlines. */
import { warningFeatures, warningLayers } from '../layers/warnings.js';

/** What of a feature is seen: another list of these is another picture. */
const seen = (features) => features.map(({ properties: { id, colour, chosen } }) => `${id}${colour}${chosen}`).join();

export class WarningScene {
  /** As warningFeatures makes them. */
  #features = [];

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {() => void} parts.onChange the outlines are other ones
   */
  constructor({ store, onChange }) {
    store.subscribe(['warnings', 'warning'], () => {
      const features = warningFeatures(store.warnings.values(), store.state.warning.id);
      if (seen(features) === seen(this.#features)) return;
      this.#features = features;
      onChange();
    });
  }

  /** Warnings in force now have no place in a picture of the past. */
  layers({ state: { past }, style, scale, below }) {
    return past.on ? {} : warningLayers(this.#features, { style, scale, below });
  }
}
