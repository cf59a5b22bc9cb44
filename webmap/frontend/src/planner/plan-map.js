/** The map of a plan: faces by their load, corners and edges that can be drawn, refusals and previews at their places. */
import { Map as MapLibreMap, setWorkerUrl } from 'maplibre-gl';
import { FIRST_ROAD, FONTS, localiseLabels, prepareStyle } from '../map/style.js';
import { tokenColor } from '../map/token-colors.js';
import { labelPlace } from './label-place.js';
import { LOAD_SIGNS, nearestCorner, nearestEdge, nearestLine, ringsOf } from './plan-terms.js';

// The build writes the hashed name of the worker; it lies beside this script.
setWorkerUrl(new URL(MAPLIBRE_WORKER, import.meta.url).href);

const SOURCES = ['faces', 'names', 'buildings', 'ground', 'outline', 'corners', 'preview', 'trouble', 'drag'];
const LOAD_COLORS = { low: 'severity-warning', right: 'good', high: 'severity-major', none: 'text-faint' };

/** Pixels from which a click means a corner, an edge or a road. */
const REACH = 14;

const css = (color) => `rgb(${color.slice(0, 3).join(',')})`;
const token = (name) => css(tokenColor(name));
const collection = (features) => ({ type: 'FeatureCollection', features });
const feature = (geometry, properties = {}, id = undefined) => ({ type: 'Feature', id, geometry, properties });

export class PlanMap {
  #drawing = null;

  #drag = null;

  #picture = null;

  #ready = false;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.container
   * @param {object} parts.style of the base map
   * @param {string} parts.lang
   * @param {number} parts.scale of sizes: rem by 15 px
   * @param {object} parts.on what a person does: face(id, more), building(id), drawn(kind, geometry), corner(at, to), edge(a, b, toA, toB),
   *   road(line), nothing(), idle()
   */
  constructor({ container, style, lang, scale, on }) {
    Object.assign(this, { scale, on, lang });
    const prepared = prepareStyle(style, { lang, scale, hidden: ['figures'] });
    this.before = style.metadata[FIRST_ROAD];
    this.fonts = prepared.layers.find(({ layout }) => layout?.['text-font'])?.layout['text-font'] ?? ['sans-serif'];
    this.map = new MapLibreMap({
      container, style: prepared, attributionControl: false, localIdeographFontFamily: FONTS, maxPitch: 0, dragRotate: false,
      pitchWithRotate: false, fadeDuration: 0, center: [104, 35], zoom: 3, doubleClickZoom: false, boxZoom: false, maxZoom: 22,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.getCanvas().setAttribute('tabindex', '0');
    this.map.on('load', () => {
      this.#layers();
      this.#ready = true;
      if (this.#picture !== null) this.#draw();
    });
    this.map.on('idle', () => this.on.idle());
    this.map.on('click', (event) => this.#clicked(event));
    this.map.on('mousedown', (event) => this.#grab(event));
    this.map.on('mousemove', (event) => this.#moved(event));
    this.map.on('mouseup', (event) => this.#drop(event));
    this.observer = new ResizeObserver(() => container.clientWidth > 0 && this.map.resize());
    this.observer.observe(container);
  }

  remove() {
    this.observer.disconnect();
    this.#drawing?.stop();
    this.map.remove();
  }

  /** Stand over a box: west, south, east, north in degrees. */
  fit([west, south, east, north], { quick = false, maxZoom = 18.5 } = {}) {
    const padding = Math.min(60 * this.scale, this.map.getContainer().clientWidth / 8);
    this.map.fitBounds([[west, south], [east, north]], { padding, animate: !quick, duration: 600, maxZoom });
  }

  /** Pixels of the page at which a place is. */
  project(lon, lat) {
    const { x, y } = this.map.project([lon, lat]);
    const { left, top } = this.map.getContainer().getBoundingClientRect();
    return [x + left, y + top];
  }

  /** @param {object} picture `faces` (features), `loads` id → load, `chosen`, `outline`, `buildings`, `picked`, `tool`, `preview`, `trouble`, `moved`, `lang` */
  show(picture) {
    const before = this.#picture;
    this.#picture = picture;
    if (this.#ready) this.#draw(before);
  }

  #layers() {
    const { map, scale } = this;
    for (const name of SOURCES) map.addSource(`plan-${name}`, { type: 'geojson', data: collection([]) });
    const add = (id, type, source, paint, more = {}, before = undefined) => map.addLayer({ id: `plan-${id}`, type, source: `plan-${source}`, paint, ...more }, before);
    const load = ['match', ['get', 'load'], ...Object.entries(LOAD_COLORS).flatMap(([name, color]) => [name, token(color)]), token('text-faint')];
    add('faces', 'fill', 'faces', { 'fill-color': load, 'fill-opacity': ['case', ['get', 'chosen'], 0.34, 0.16] }, {}, this.before);
    add('buildings', 'fill', 'buildings', { 'fill-color': ['case', ['get', 'picked'], token('chosen'), token('mark-solid')], 'fill-opacity': 0.75 });
    add('building-edges', 'line', 'buildings', { 'line-color': token('ground'), 'line-width': 0.6 * scale });
    add('ground', 'fill', 'ground', { 'fill-color': token('late'), 'fill-opacity': 0.42 });
    add('lines', 'line', 'faces', { 'line-color': token('text'), 'line-width': 1.6 * scale }, { layout: { 'line-join': 'round' } });
    add('outline', 'line', 'outline', { 'line-color': token('text'), 'line-width': 3.4 * scale, 'line-opacity': 0.85 }, { layout: { 'line-join': 'round' } });
    add('chosen', 'line', 'faces', { 'line-color': token('chosen'), 'line-width': 3.6 * scale }, { filter: ['get', 'chosen'] });
    add('preview-fill', 'fill', 'preview', { 'fill-color': token('accent'), 'fill-opacity': 0.2 });
    add('preview', 'line', 'preview', { 'line-color': token('accent'), 'line-width': 3 * scale, 'line-dasharray': [2, 1.4] });
    add('trouble-fill', 'fill', 'trouble', { 'fill-color': token('severity-critical'), 'fill-opacity': 0.3 }, { filter: ['==', ['geometry-type'], 'Polygon'] });
    add('trouble', 'line', 'trouble', { 'line-color': token('severity-critical'), 'line-width': 3.6 * scale });
    add('trouble-points', 'circle', 'trouble', { 'circle-color': token('severity-critical'), 'circle-radius': 7 * scale, 'circle-stroke-width': 2 * scale, 'circle-stroke-color': token('text') }, { filter: ['==', ['geometry-type'], 'Point'] });
    add('corners', 'circle', 'corners', { 'circle-color': token('ground'), 'circle-radius': 4 * scale, 'circle-stroke-width': 2 * scale, 'circle-stroke-color': token('chosen') });
    add('drag', 'line', 'drag', { 'line-color': token('chosen'), 'line-width': 3 * scale, 'line-dasharray': [1.4, 1] });
    add('names', 'symbol', 'names', { 'text-color': token('text'), 'text-halo-color': token('ground'), 'text-halo-width': 2 * scale }, {
      layout: {
        'text-field': ['format', ['get', 'name'], { 'font-scale': 1 }, '\n', {}, ['get', 'households'], { 'font-scale': 0.9 }],
        'text-font': this.fonts, 'text-size': 14 * scale, 'text-padding': 2, 'text-max-width': 12,
      },
    });
  }

  #draw(before = null) {
    const { map } = this;
    const picture = this.#picture;
    if (before?.lang !== picture.lang) localiseLabels(map, picture.lang);
    const put = (name, features) => map.getSource(`plan-${name}`).setData(collection(features));
    const same = (...names) => before !== null && names.every((name) => before[name] === picture[name]);
    if (!same('faces', 'chosen', 'loads')) {
      const chosen = new Set(picture.chosen);
      put('faces', picture.faces.map(({ id, geometry }) => feature(geometry, { face: id, load: picture.loads.get(id) ?? 'none', chosen: chosen.has(id) }, id)));
    }
    if (!same('faces', 'loads', 'lang')) put('names', picture.faces.map((one) => this.#name(one)));
    if (!same('outline')) put('outline', picture.outline ? [feature(picture.outline)] : []);
    if (!same('buildings', 'picked')) {
      const picked = new Set(picture.picked);
      const { id: ids = [], footprints = [] } = picture.buildings ?? {};
      put('buildings', footprints.map((geometry, index) => feature(geometry, { id: ids[index], picked: picked.has(ids[index]) })));
    }
    if (!same('moved')) put('ground', picture.moved ?? []);
    if (!same('preview')) put('preview', picture.preview ?? []);
    if (!same('trouble')) put('trouble', picture.trouble ? flat(picture.trouble) : []);
    if (!same('faces', 'tool', 'chosen')) put('corners', picture.tool === 'corner' ? this.#corners() : []);
    if (before?.tool !== picture.tool) this.#tool(picture.tool);
    // Grids in force are drawn around the plan, not within.
    if (before?.community !== picture.community) {
      const elsewhere = ['!=', ['slice', ['get', 'code'], 0, 12], picture.community ?? ''];
      for (const layer of ['grid-line', 'label-grid']) if (map.getLayer(layer)) map.setFilter(layer, elsewhere);
    }
  }

  #name({ id, geometry, properties: { name, numbers } }) {
    const [lon, lat] = labelPlace(geometry);
    const sign = LOAD_SIGNS[this.#picture.loads.get(id) ?? 'none'];
    return feature({ type: 'Point', coordinates: [lon, lat] }, { name, households: numbers ? `${sign} ${this.#picture.told(numbers)}`.trim() : '' });
  }

  /** Corners of the faces that are chosen, or of all. */
  #corners() {
    return this.#faces().flatMap(({ geometry }) => ringsOf(geometry).flatMap((ring) => ring.slice(1).map((place) => feature({ type: 'Point', coordinates: place }))));
  }

  #faces() {
    const { faces, chosen } = this.#picture;
    return chosen.length ? faces.filter(({ id }) => chosen.includes(id)) : faces;
  }

  // --- tools -------------------------------------------------------------------------------------------------

  async #tool(tool) {
    this.#drawing?.stop();
    this.#drawing = null;
    this.map.getCanvas().style.cursor = tool === 'select' ? '' : 'crosshair';
    const mode = { split: 'linestring', create: 'polygon', road: null }[tool];
    if (!mode) return;
    const { begin } = await import('./drawing.js');
    if (this.#picture.tool !== tool) return;
    this.#drawing = begin(this.map, { mode, color: token('chosen'), scale: this.scale, onDrawn: (geometry) => this.on.drawn(tool, geometry) });
  }

  #within() {
    const { lat } = this.map.getCenter();
    const metres = (40075016.686 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** this.map.getZoom());
    return (REACH * this.scale * metres) / 111_320;
  }

  #clicked({ lngLat, point, originalEvent }) {
    const { tool, roads } = this.#picture ?? {};
    if (!tool || this.#drawing !== null || tool === 'corner' || tool === 'edge') return;
    const at = [lngLat.lng, lngLat.lat];
    if (tool === 'road') {
      const line = nearestLine(roads ?? [], at, this.#within());
      if (line) this.on.road(line);
      else this.on.nothing('road');
      return;
    }
    const found = (layer) => this.map.queryRenderedFeatures(point, { layers: [layer] })[0];
    if (tool === 'buildings') {
      const building = found('plan-buildings');
      const face = building ? null : found('plan-faces');
      if (building) this.on.building(building.properties.id);
      else if (face) this.on.face(face.properties.face, false);
      return;
    }
    const face = found('plan-faces');
    this.on.face(face ? face.properties.face : null, originalEvent.shiftKey || originalEvent.ctrlKey || originalEvent.metaKey);
  }

  #grab(event) {
    const { tool } = this.#picture ?? {};
    if (tool !== 'corner' && tool !== 'edge') return;
    const at = [event.lngLat.lng, event.lngLat.lat];
    const grabbed = tool === 'corner' ? nearestCorner(this.#faces(), at, this.#within()) : nearestEdge(this.#faces(), at, this.#within());
    if (grabbed === null) return;
    event.preventDefault();
    this.#drag = { tool, grabbed, from: at };
  }

  #moved({ lngLat }) {
    if (this.#drag === null) return;
    this.map.getSource('plan-drag').setData(collection([feature({ type: 'LineString', coordinates: this.#dragged([lngLat.lng, lngLat.lat]) })]));
  }

  #drop({ lngLat }) {
    if (this.#drag === null) return;
    const { tool, grabbed, from } = this.#drag;
    const to = [lngLat.lng, lngLat.lat];
    const line = this.#dragged(to);
    this.#drag = null;
    this.map.getSource('plan-drag').setData(collection([]));
    if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 1e-7) return;
    if (tool === 'corner') this.on.corner(grabbed, to);
    else this.on.edge(grabbed[0], grabbed[1], line[0], line[1]);
  }

  #dragged(to) {
    const { tool, grabbed, from } = this.#drag;
    if (tool === 'corner') return [grabbed, to];
    return grabbed.map(([lon, lat]) => [lon + to[0] - from[0], lat + to[1] - from[1]]);
  }
}

/** Parts of a geometry that the map can draw. */
const flat = (geometry) => (geometry.geometries ?? [geometry]).map((one) => feature(one));
