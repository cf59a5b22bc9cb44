/** 量测: how far each point is from the first, beside it; the area in the middle of what is enclosed. */
import { Marker } from 'maplibre-gl';
import { areaWords, lengthWords } from '../format.js';

export class MeasureLabels {
  #markers = [];
  #shown = '';

  /** @param {import('../map/map.js').CityMap} cityMap */
  constructor({ map }) {
    this.map = map;
  }

  /** @param {object} measure as NO_MEASURE tells it */
  show({ mode, points, lengths, area }) {
    const labels = mode === 'area' ? this.#ofArea(points, area) : this.#ofPath(points, lengths);
    if (JSON.stringify(labels) === this.#shown) return;
    this.#shown = JSON.stringify(labels);
    for (const marker of this.#markers) marker.remove();
    this.#markers = labels.map(({ at, text }) => {
      const element = document.createElement('span');
      element.className = 'measure-label';
      element.textContent = text;
      return new Marker({ element, anchor: 'bottom', offset: [0, -8] }).setLngLat(at).addTo(this.map);
    });
  }

  #ofPath(points, lengths) {
    let sum = 0;
    return lengths.map((length, index) => {
      sum += length;
      return { at: points[index + 1], text: lengthWords(sum) };
    });
  }

  #ofArea(points, area) {
    if (area === null) return [];
    const middle = (axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
    return [{ at: [middle(0), middle(1)], text: areaWords(area) }];
  }
}
