/** What the open alarms are on the map: marks above it, and their buildings coloured in it. */
import { Footprints } from './footprints.js';
import { looksBack } from '../events/playback.js';
import { countBySeverity, ofOneBuilding, SEVERITIES } from './alarm-terms.js';
import { ALARMED_BUILDINGS, alarmedBuildingsLayer, alarmedFeatures, colouring, worstByBuilding } from '../layers/alarmed-buildings.js';
import { gridsColoured } from '../grids/grid-state.js';
import { t } from '../i18n/index.js';
import { AlarmMarks } from '../layers/alarms.js';
import { tokenColor } from '../map/token-colors.js';

/** What of a feature is seen: another list of these is another picture. */
const seen = (features) => features.map(({ properties: { id, severity, pending } }) => `${id}${severity}${pending}`).join();

/** Whether buildings are coloured by their alarms. */
const alarmsColour = (state) => state.metric === 'alarms' && !gridsColoured(state);

export class AlarmScene {
  picks = [ALARMED_BUILDINGS];

  /** Buildings of open alarms, as alarmedFeatures makes them. */
  #features = [];

  #marks = null;

  /** Whether every alarm colours its building, or only the loud ones. */
  #all = false;

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
    store.subscribe(['view', 'grids', 'past'], () => this.#look());
  }

  opened(cityMap) {
    this.#marks = new AlarmMarks({
      container: document.getElementById('alarm-marks'), cityMap,
      ground: this.ground, exploded: this.exploded, onSelect: this.onSelect, onCluster: (alarms) => cityMap.zoomInto(alarms, { near: ofOneBuilding(alarms) }),
    });
    this.#look();
    this.#update();
  }

  layers({ state: { layers: shown, form, exploded }, style, below, relief }) {
    // Where buildings are coloured by their alarms, these are what is to be seen, with marks or without.
    const visible = (shown.alarms || this.#all) && shown.buildings;
    return { marked: [alarmedBuildingsLayer(this.#features, {
      form, style, visible, relief, apart: exploded.status === 'open' ? exploded.id : null, beforeId: below.labels,
    })] };
  }

  clicked(info) {
    this.onBuilding(info.object.properties.id);
  }

  /** What the marks are, of those that are open now or then: their shapes are told by their severities. */
  legends() {
    if (!this.store.state.layers.alarms) return [];
    const counts = this.store.state.past.on ? countBySeverity(this.store.shownAlarms()) : this.store.alarmsBySeverity();
    const lines = SEVERITIES.filter((severity) => counts[severity] > 0).map((severity) => ({
      color: tokenColor(`severity-${severity}`), shape: severity, label: t(`severity.${severity}`), count: counts[severity],
    }));
    return lines.length === 0 ? [] : [{ title: t('snapshot.alarms'), lines }];
  }

  show(shown) {
    this.#marks.show(shown);
  }

  #update() {
    if (this.#marks === null) return;
    this.#marks.update(this.store.shownAlarms());
    this.#colour();
  }

  /** Another metric may have other buildings coloured. */
  #look() {
    const all = alarmsColour(this.store.state);
    if (all === this.#all) return;
    this.#all = all;
    if (this.#marks !== null) this.#colour();
  }

  #worst() {
    return worstByBuilding(colouring(this.store.shownAlarms(), { all: this.#all }));
  }

  #colour() {
    this.footprints.want(this.#worst().keys());
    this.#highlight();
  }

  #highlight() {
    const features = alarmedFeatures(this.#worst(), (id) => this.footprints.get(id));
    if (seen(features) === seen(this.#features)) return;
    this.#features = features;
    this.onChange();
  }
}
