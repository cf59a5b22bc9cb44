/** What the open alarms are on the map: marks above it, and their buildings coloured in it. */
import { Footprints } from './footprints.js';
import { looksBack } from '../events/playback.js';
import { ALARMED_BUILDINGS, alarmedBuildingsLayer, alarmedFeatures, worstByBuilding } from '../layers/alarmed-buildings.js';
import { AlarmMarks } from '../layers/alarms.js';

/** What of a feature is seen: another list of these is another picture. */
const seen = (features) => features.map(({ properties: { id, severity, pending } }) => `${id}${severity}${pending}`).join();

export class AlarmScene {
  picks = [ALARMED_BUILDINGS];

  /** Buildings of open alarms, as alarmedFeatures makes them. */
  #features = [];

  #marks = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {string} parts.url of the buildings' outlines
   * @param {() => void} parts.onChange the buildings are other ones
   * @param {(alarm: object) => void} parts.onSelect somebody wants to see this one
   * @param {(building: number) => void} parts.onBuilding somebody clicked on a building of an alarm
   * @param {object} parts.exploded the building taken apart, in which alarms stand elsewhere
   * @param {() => object} parts.ground on which all of it stands: base/relief.js
   */
  constructor({ store, url, onChange, onSelect, onBuilding, exploded, ground }) {
    Object.assign(this, { store, onChange, onSelect, onBuilding, exploded, ground });
    this.footprints = new Footprints({ url, onArrival: () => this.#highlight() });
    // Told to the style sheets: panels/alarm-signs.css.
    store.subscribe(['view', 'eventView', 'playback', 'past'], () => document.documentElement.toggleAttribute('data-replay', looksBack(store.state)));
    store.subscribe(['alarms', 'past', 'language', 'exploded'], () => this.#update());
  }

  opened(cityMap) {
    this.#marks = new AlarmMarks({
      container: document.getElementById('alarm-marks'), cityMap,
      ground: this.ground, exploded: this.exploded, onSelect: this.onSelect, onCluster: (alarms) => cityMap.zoomInto(alarms),
    });
    this.#update();
  }

  layers({ state: { layers: shown, metric, form, exploded }, style, below, relief }) {
    // Where buildings are coloured by their alarms, these are what is to be seen, with marks or without.
    const visible = (shown.alarms || metric === 'alarms') && shown.buildings;
    return { marked: [alarmedBuildingsLayer(this.#features, {
      form, style, visible, relief, apart: exploded.status === 'open' ? exploded.id : null, beforeId: below.labels,
    })] };
  }

  clicked(info) {
    this.onBuilding(info.object.properties.id);
  }

  show(shown) {
    this.#marks.show(shown);
  }

  #update() {
    if (this.#marks === null) return;
    this.#marks.update(this.store.shownAlarms());
    this.footprints.want(worstByBuilding(this.store.shownAlarms()).keys());
    this.#highlight();
  }

  #highlight() {
    const features = alarmedFeatures(worstByBuilding(this.store.shownAlarms()), (id) => this.footprints.get(id));
    if (seen(features) === seen(this.#features)) return;
    this.#features = features;
    this.onChange();
  }
}
