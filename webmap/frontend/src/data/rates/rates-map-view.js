/** The map of entry rates: the base map, the places of a level in the colours of a legend, their rates written on them. */
import { Map as MapLibreMap, setWorkerUrl } from 'maplibre-gl';
import { FIRST_ROAD, FONTS, localiseLabels, prepareStyle } from '../../map/style.js';
import { tokenColor } from '../../map/token-colors.js';
import { classOf } from './rates.js';

// The build writes the hashed name of the worker; it lies beside this script.
setWorkerUrl(new URL(MAPLIBRE_WORKER, import.meta.url).href);

const HATCH = 'rates-hatch';
const EMPTY = { type: 'FeatureCollection', features: [] };

/** Where the outlines of a level are, and by what a feature is known there. */
const SOURCES = {
  county: { source: 'base', layer: 'areas', key: ['get', 'code'], id: 'code' },
  street: { source: 'base', layer: 'areas', key: ['get', 'code'], id: 'code' },
  community: { source: 'base', layer: 'areas', key: ['get', 'code'], id: 'code' },
  grid: { source: 'base', layer: 'grids', key: ['get', 'code'], id: 'code' },
  building: { source: 'rate-buildings', layer: 'buildings', key: ['id'], id: 'id' },
};

/** Lines at 45 degrees: what is unknown is told from all classes without its colour. */
function hatch([red, green, blue], scale) {
  const size = Math.max(8, Math.round(8 * scale));
  const data = new Uint8ClampedArray(size * size * 4);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      data.set([red, green, blue, (x + y) % size < size / 4 ? 205 : 30], (y * size + x) * 4);
    }
  }
  return { width: size, height: size, data };
}

const css = (color) => `rgb(${color.slice(0, 3).join(',')})`;

export class RatesMap {
  #wanted = null;

  #codes = new Map();

  #shown = '';

  constructor({ container, style, lang, scale, onPicked, onHovered, onIdle }) {
    Object.assign(this, { scale, onPicked, onHovered });
    const prepared = prepareStyle(style, { lang, scale, hidden: ['figures'] });
    this.before = style.metadata[FIRST_ROAD];
    this.fonts = prepared.layers.find(({ layout }) => layout?.['text-font'])?.layout['text-font'] ?? ['sans-serif'];
    this.map = new MapLibreMap({
      container, style: prepared, attributionControl: false, localIdeographFontFamily: FONTS, maxPitch: 0,
      dragRotate: false, pitchWithRotate: false, fadeDuration: 0, center: [104, 35], zoom: 3,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.getCanvas().setAttribute('tabindex', '0');
    this.map.on('idle', () => this.#wanted === null && onIdle());
    this.map.once('load', () => this.#apply());
    this.map.on('click', 'rates-fill', ({ features: [feature] }) => onPicked(this.#codeOf(feature)));
    this.map.on('mousemove', 'rates-fill', ({ features: [feature] }) => {
      this.map.getCanvas().style.cursor = 'pointer';
      onHovered(this.#codeOf(feature));
    });
    this.map.on('mouseleave', 'rates-fill', () => {
      this.map.getCanvas().style.cursor = '';
      onHovered(null);
    });
    // The box is drawn before the section has its size, and on paper it has none.
    this.observer = new ResizeObserver(() => container.clientWidth > 0 && this.map.resize());
    this.observer.observe(container);
  }

  remove() {
    this.observer.disconnect();
    this.map.remove();
  }

  /** @param {{level: string, places: object[], legend: object, lang: string, within: object|null}} picture */
  show(picture) {
    this.#wanted = picture;
    if (this.map.isStyleLoaded() || this.map.getSource('rate-names')) this.#apply();
  }

  /** Frame one place, by its code; null for none. */
  point(code) {
    if (!this.map.getLayer('rates-pointed')) return;
    const place = this.#codes.get(code);
    this.map.setFilter('rates-pointed', ['==', this.key, place ? place[this.id] : '']);
  }

  #codeOf(feature) {
    return this.id === 'id' ? [...this.#codes.values()].find(({ id }) => id === feature.id)?.code : feature.properties.code;
  }

  #apply() {
    const picture = this.#wanted;
    if (picture === null) return;
    this.#wanted = null;
    const { map } = this;
    localiseLabels(map, picture.lang);
    const hatched = hatch(picture.legend.noData, this.scale);
    if (map.hasImage(HATCH)) map.updateImage(HATCH, hatched);
    else map.addImage(HATCH, hatched);
    if (!map.getSource('rate-buildings')) {
      map.addSource('rate-buildings', {
        type: 'vector', tiles: [new URL('/tiles/buildings/{z}/{x}/{y}.mvt', location.href).href.replaceAll('%7B', '{').replaceAll('%7D', '}')],
        minzoom: 13, maxzoom: 16,
      });
      map.addSource('rate-names', { type: 'geojson', data: EMPTY });
    }
    this.#layers(picture);
    this.#look(picture);
  }

  #layers({ level, places, legend }) {
    const { map } = this;
    const { source, layer, key, id } = SOURCES[level];
    Object.assign(this, { key, id });
    this.#codes = new Map(places.map((place) => [place.code, place]));
    for (const name of ['rates-pointed', 'rates-names', 'rates-line', 'rates-unknown', 'rates-fill']) {
      if (map.getLayer(name)) map.removeLayer(name);
    }
    const known = places.filter(({ value }) => value !== null);
    const all = ['in', key, ['literal', places.map((place) => place[id])]];
    const from = { source, 'source-layer': layer };
    const color = known.length === 0 ? 'rgba(0,0,0,0)'
      : ['match', key, ...known.flatMap((place) => [place[id], css(legend.classes[classOf(place.value, legend)].color)]), 'rgba(0,0,0,0)'];
    map.addLayer({ id: 'rates-fill', type: 'fill', ...from, filter: all, paint: { 'fill-color': color, 'fill-opacity': 0.85 } }, this.before);
    map.addLayer({
      id: 'rates-unknown', type: 'fill', ...from, paint: { 'fill-pattern': HATCH },
      filter: ['in', key, ['literal', places.filter(({ value }) => value === null).map((place) => place[id])]],
    }, this.before);
    const line = css(tokenColor('text-faint'));
    map.addLayer({ id: 'rates-line', type: 'line', ...from, filter: all, paint: { 'line-color': line, 'line-width': (level === 'building' ? 0.8 : 1.4) * this.scale } });
    map.addLayer({
      id: 'rates-pointed', type: 'line', ...from, filter: ['==', key, ''],
      paint: { 'line-color': css(tokenColor('chosen')), 'line-width': 3.4 * this.scale },
    });
    map.getSource('rate-names').setData({
      type: 'FeatureCollection',
      features: places.map(({ lon, lat, text }) => ({ type: 'Feature', properties: { text }, geometry: { type: 'Point', coordinates: [lon, lat] } })),
    });
    map.addLayer({
      id: 'rates-names', type: 'symbol', source: 'rate-names',
      layout: { 'text-field': ['get', 'text'], 'text-font': this.fonts, 'text-size': (level === 'building' ? 12 : 15) * this.scale, 'text-padding': 2 },
      paint: { 'text-color': css(tokenColor('text')), 'text-halo-color': css(tokenColor('ground')), 'text-halo-width': 1.6 * this.scale },
    });
  }

  /** Bring all places into view, once: who has moved the map and chooses another kind stays there. Of single buildings, the ground of their grid. */
  #look({ level, places, within }) {
    const shown = `${level} ${within?.code} ${places[0]?.code}`;
    if (shown === this.#shown) return;
    const still = this.#shown === '' || matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#shown = shown;
    const boxes = places.map(({ bounds, lon, lat }) => bounds ?? [lon, lat, lon, lat]);
    if (within?.bounds) boxes.push(within.bounds);
    if (boxes.length === 0) return;
    const edge = (index, pick) => pick(...boxes.map((box) => box[index]));
    this.map.fitBounds([[edge(0, Math.min), edge(1, Math.min)], [edge(2, Math.max), edge(3, Math.max)]], {
      padding: 36 * this.scale, maxZoom: 17.5, duration: still ? 0 : 500,
    });
  }
}
