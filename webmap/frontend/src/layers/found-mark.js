/** 检索结果: the mark of what was searched for, in the document above the map; its name is text. */
import { Marker } from 'maplibre-gl';

export class FoundMark {
  #marker;

  /**
   * @param {import('../map/map.js').CityMap} cityMap
   * @param {{kind: string, label: string, lon: number, lat: number}} found degrees, EPSG:4490
   */
  constructor(cityMap, { kind, label, lon, lat }) {
    const element = document.createElement('div');
    element.className = 'found-mark';
    element.dataset.testid = 'found-mark';
    const icon = document.createElement('shapan-icon');
    icon.setAttribute('name', 'pin');
    const name = document.createElement('span');
    name.textContent = label;
    element.dataset.kind = kind;
    element.append(icon, name);
    this.#marker = new Marker({ element, anchor: 'bottom' }).setLngLat([lon, lat]).addTo(cityMap.map);
  }

  remove() {
    this.#marker.remove();
  }
}
