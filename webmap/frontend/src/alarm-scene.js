/** What the open alarms are on the map: marks above it, and their buildings coloured in it. */
import { Footprints } from './footprints.js';
import { alarmedFeatures, worstByBuilding } from './layers/alarmed-buildings.js';

/** What of a feature is seen: another list of these is another picture. */
const seen = (features) => features.map(({ properties: { id, severity, pending } }) => `${id}${severity}${pending}`).join();

export class AlarmScene {
  /** Buildings of open alarms, as alarmedFeatures makes them. */
  features = [];

  #marks = null;

  /**
   * @param {object} parts
   * @param {import('./store.js').Store} parts.store
   * @param {string} parts.url of the buildings' outlines
   * @param {() => void} parts.onChange the buildings are other ones
   */
  constructor({ store, url, onChange }) {
    Object.assign(this, { store, onChange });
    this.footprints = new Footprints({ url, onArrival: () => this.#highlight() });
    store.subscribe(['alarms', 'language'], () => this.#update());
  }

  /** The map is there: `marks` draws on it. */
  open(marks) {
    this.#marks = marks;
    this.#update();
  }

  show(shown) {
    this.#marks.show(shown);
  }

  #update() {
    if (this.#marks === null) return;
    this.#marks.update(this.store.alarms.values());
    this.footprints.want(worstByBuilding(this.store.alarms.values()).keys());
    this.#highlight();
  }

  #highlight() {
    const features = alarmedFeatures(worstByBuilding(this.store.alarms.values()), (id) => this.footprints.get(id));
    if (seen(features) === seen(this.features)) return;
    this.features = features;
    this.onChange();
  }
}
