/** The only owner of the MapLibre map and of the deck.gl overlay drawn into it. */
import { MapView } from '@deck.gl/core';
import { TileLayer } from '@deck.gl/geo-layers';
import { MapLibreOverlay } from '@deck.gl/maplibre';
import { Map as MapLibreMap, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import { fitCamera, fitPlaces } from './camera.js';
import { lighting } from './lighting.js';
import { baseMapTiles, deckTiles, keepPicture } from './loaded-tiles.js';
import { oneFrameAtATime } from './pacing.js';
import { asOf, FIRST_LABEL, FIRST_ROAD, FONTS, hasHistory, localiseLabels, prepareStyle, showGroup } from './style.js';

// The build writes the hashed name of the worker; it lies beside this script.
setWorkerUrl(new URL(MAPLIBRE_WORKER, import.meta.url).href);

const TOP_VIEW_PITCH = 0;
const MAX_PITCH = 72;

/** Near enough to see one building among its neighbours, on a screen of 1080 lines. */
const NEAR_ZOOM = 16.9;

/** A little before that, a building is as wide as two marks. */
const ON_THE_WAY = 0.4;

/** Around an area that is flown to, of its sides: the corners of its box are to be seen as well. */
const AIR = 0.2;

/** What draws WebGL here: 'none', 'software' (the processor, no graphics card) or 'hardware'. */
export function probeWebgl() {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (gl === null) return 'none';
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext(); // browsers allow few contexts at a time
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer) ? 'software' : 'hardware';
}

/** Ground that the processor draws: a mesh of a quarter of the triangles, pictures upon it of a quarter of the pixels. */
function coarser(terrain) {
  if (terrain) Object.assign(terrain, { meshSize: 64, qualityFactor: 1 });
}

export class CityMap {
  #view = new MapView({ id: 'projection' });
  #layers = [];
  #hidden;
  #style = null;
  #at = null;
  #height = 0;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.container
   * @param {object} parts.style MapLibre style as the server sends it
   * @param {{bounds: number[], view: object}} parts.scene what the opening picture shows
   * @param {object|null} parts.camera from the link; null for the opening picture
   * @param {string} parts.lang
   * @param {(size: {width: number, height: number}, under?: number) => object} parts.padding pixels that panels cover
   * @param {number} parts.scale of text and lines: 1 at 1080p, 2 on a 4K wall
   * @param {boolean} parts.slow the processor draws, no graphics card
   * @param {string[]} [parts.hidden] groups of the base map that are not shown
   * @param {(style: object) => object} [parts.dress] puts into a style what lies under the city
   * @param {boolean} [parts.interactive] false for a picture that nobody moves
   * @param {boolean} [parts.antialias] false where frames have to be cheap
   * @param {number} [parts.pixelRatio] pixels of the picture for each of CSS; the screen's own without it
   */
  constructor({
    container, style, scene, camera, lang, padding, scale, slow, hidden = [], dress = (plain) => plain, interactive = true,
    antialias = true, pixelRatio,
  }) {
    Object.assign(this, { container, scene, lang, padding, scale, dress });
    this.#hidden = hidden;
    this.map = new MapLibreMap({
      container,
      style: this.#prepared(style),
      ...this.#mapLibreCamera(camera ?? this.home()),
      maxPitch: MAX_PITCH,
      attributionControl: false,
      localIdeographFontFamily: FONTS,
      fadeDuration: slow || matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 200,
      interactive,
      pixelRatio,
      canvasContextAttributes: { antialias },
    });
    if (slow) {
      oneFrameAtATime(this.map);
      this.map.on('terrain', () => coarser(this.map.terrain));
    }
    this.map.setPadding(this.#padding());
    this.map.addControl(new ScaleControl({ maxWidth: 120 * scale }), 'bottom-right');
    this.overlay = new MapLibreOverlay({ interleaved: true, layers: [], effects: [lighting()] });
    this.map.addControl(this.overlay);
    this.map.on('render', () => this.#tellHeight());
    this.map.on('resize', () => this.map.setPadding(this.#padding()));
    if (interactive) this.map.getCanvas().setAttribute('tabindex', '0');
    this.map.on('error', ({ tile }) => tile && keepPicture(tile));
  }

  /** The ground under the camera came, or another: MapLibre moves without saying so, and deck.gl would look for clicks elsewhere. */
  #tellHeight() {
    const height = this.map.getCenterElevation();
    if (height === this.#height || this.map.isMoving()) return;
    this.#height = height;
    this.map.fire('move');
  }

  /** The camera that shows the whole city in the part of the window that no panel covers. */
  home() {
    const { bounds, view } = this.scene;
    if (!bounds) return view; // nothing is on record yet
    return fitCamera(bounds, {
      ...this.#size(), padding: this.#padding(), pitch: view.pitch, bearing: view.bearing,
    });
  }

  /** Replace the deck.gl layers. They lie under the labels of the base map unless they say otherwise. */
  setLayers(layers) {
    this.#layers = layers;
    this.overlay.setProps({ layers });
  }

  /**
   * True when MapLibre has drawn all it can.
   * @param {(sourceId: string) => boolean} may sources that are not waited for
   */
  mapLoaded(may) {
    if (this.map.loaded()) return true;
    const sources = Object.keys(this.map.getStyle()?.sources ?? {});
    return sources.some(may) && sources.every((id) => may(id) || this.map.isSourceLoaded(id));
  }

  /** True when every layer has loaded everything that is in view, but for those that come when they come. */
  layersLoaded() {
    return this.#layers.every((layer) => !layer.props.visible || layer.props.unawaited || layer.isLoaded);
  }

  /** Stands behind every drawing command given so far; `passed()` turns true when the graphics card has done them. */
  fence() {
    const gl = this.map.getCanvas().getContext('webgl2');
    const sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0); // null when the context is lost
    gl.flush();
    return { passed: () => sync !== null && gl.getSyncParameter(sync, gl.SYNC_STATUS) === gl.SIGNALED };
  }

  /** Ids of the base map's lowest layer of labels and of roads: deck layers go below them; null before there is a style. */
  below() {
    const metadata = this.map.getStyle()?.metadata;
    return metadata ? { labels: metadata[FIRST_LABEL], lines: metadata[FIRST_ROAD] } : null;
  }

  /** A place with its height above the ground → with that above the zero of heights; alike where the ground is drawn flat. */
  onGround([longitude, latitude, metres = 0]) {
    return [longitude, latitude, metres + (this.map.queryTerrainElevation([longitude, latitude]) ?? 0)];
  }

  /** Screen position of [longitude, latitude, metres above ground] in CSS pixels from the map's top left. */
  project(position) {
    return this.viewport().project(this.onGround(position)).slice(0, 2);
  }

  /** The projection of this instant; take it once for many positions. */
  viewport() {
    const { lng, lat } = this.map.getCenter();
    return this.#view.makeViewport({
      ...this.#size(),
      viewState: {
        longitude: lng, latitude: lat, zoom: this.map.getZoom(), pitch: this.map.getPitch(),
        bearing: this.map.getBearing(), padding: this.map.getPadding(),
        position: [0, 0, this.map.getCenterElevation()], // the camera looks at the ground, which may not be flat
      },
    });
  }

  /** What lies at a point of the screen in the named deck layers; null for nothing. */
  pick({ x, y }, layerIds) {
    return this.overlay.pickObject({ x, y, radius: 3, layerIds });
  }

  camera() {
    const { lng, lat } = this.map.getCenter();
    return {
      longitude: lng, latitude: lat, zoom: this.map.getZoom(),
      pitch: this.map.getPitch(), bearing: this.map.getBearing(),
    };
  }

  /** Move to a place, near enough to see one building. Someone who dislikes motion is put there at once. */
  flyTo({ longitude, latitude }, { zoom = NEAR_ZOOM + Math.log2(this.scale) } = {}) {
    this.map.flyTo({
      center: [longitude, latitude],
      zoom: Math.max(zoom, this.map.getZoom()),
      pitch: Math.max(this.map.getPitch(), 50),
      speed: 1.6,
      maxDuration: 2500,
      padding: this.#padding(),
    });
  }

  /** Move so that [west, south, east, north] (degrees) fills the free part of the window, with air around it. */
  flyToBounds([west, south, east, north]) {
    const [x, y] = [(east - west) * AIR, (north - south) * AIR];
    const padding = this.padding(this.#size(), 0); // all of it is to be seen
    const { pitch, bearing } = this.camera();
    const camera = fitCamera([west - x, south - y, east + x, north + y], { ...this.#size(), padding, pitch, bearing });
    this.map.flyTo({ ...this.#mapLibreCamera(camera), padding, speed: 1.6, maxDuration: 2500 });
  }

  /** The part of the window that no panel covers, less margins: CSS pixels from the map's top left. */
  freePart({ across, along }) {
    const { left, top, right, bottom } = this.padding(this.#size(), 0);
    const { width, height } = this.#size();
    return { left: left + across, top: top + along, right: width - right - across, bottom: height - bottom - along };
  }

  /** Move so that some places, [longitude, latitude, metres] each, fill the free part of the window, seen from a side. */
  flyToPlaces(places, { pitch, bearing, margin }) {
    const padding = this.padding(this.#size(), 0);
    const around = Object.fromEntries(Object.entries(padding).map(([side, pixels]) => [side, pixels + margin[side]]));
    const camera = fitPlaces(places, { ...this.#size(), padding: around, pitch, bearing });
    this.map.flyTo({ ...this.#mapLibreCamera(camera), padding: around, speed: 1.6, maxDuration: 1600 });
  }

  /** Go back to where the camera was, as `camera()` told it. */
  returnTo(camera) {
    this.map.easeTo({ ...this.#mapLibreCamera(camera), padding: this.#padding(), duration: 700 });
  }

  /** Whether buildings are large enough on the screen for marks beside one another. */
  isNear() {
    return this.map.getZoom() >= NEAR_ZOOM - ON_THE_WAY + Math.log2(this.scale);
  }

  /** Come nearer to the middle of some places: `{ lon, lat }` each; `near`: at least so far that single buildings are seen. */
  zoomInto(places, { near = false } = {}) {
    const [longitude, latitude] = ['lon', 'lat'].map((name) => places.reduce((sum, at) => sum + at[name], 0) / places.length);
    const least = near ? NEAR_ZOOM + Math.log2(this.scale) : 0;
    this.flyTo({ longitude, latitude }, { zoom: Math.max(least, this.map.getZoom() + 1.5) });
  }

  goHome() {
    this.map.easeTo({ ...this.#mapLibreCamera(this.home()), duration: 900 });
  }

  zoomBy(steps) {
    this.map.easeTo({ zoom: this.map.getZoom() + steps, duration: 250 });
  }

  faceNorth() {
    this.map.easeTo({ bearing: 0, duration: 500 });
  }

  toggleTilt() {
    this.map.easeTo({ pitch: this.map.getPitch() > 10 ? TOP_VIEW_PITCH : 52, duration: 600 });
  }

  /** What holds tiles right now, as loaded-tiles.js tells it. */
  tileSources() {
    const base = Object.keys(this.map.getStyle()?.sources ?? {}).map((id) => baseMapTiles(this.map, id));
    const drawn = this.#layers.filter((layer) => layer instanceof TileLayer).map(deckTiles);
    return [...base.filter(Boolean), ...drawn];
  }

  /** Write the labels in another language. */
  setLanguage(lang) {
    this.lang = lang;
    localiseLabels(this.map, lang);
  }

  /** Take on another style of the base map. Only what differs is changed: tiles and deck layers stay. */
  setStyle(style) {
    this.map.setStyle(this.#prepared(style), { diff: true });
  }

  /** Draw the style that there is once more: what lies under the city is something else. */
  restyle() {
    this.setStyle(this.#style);
  }

  /** Show the boundaries of an instant of the past (milliseconds since 1970); null for those of now. */
  showBoundaries(at) {
    this.#at = at;
    // A style that is on its way was prepared for another instant, perhaps: what counts is what each source has.
    for (const [id, { tiles }] of Object.entries(this.map.getStyle()?.sources ?? {})) {
      if (!tiles || !hasHistory(tiles[0]) || tiles[0] === asOf(tiles[0], at)) continue;
      this.map.getSource(id).setTiles(tiles.map((url) => asOf(url, at)));
    }
  }

  #prepared(style) {
    this.#style = style;
    return this.dress(prepareStyle(style, { lang: this.lang, scale: this.scale, hidden: this.#hidden, at: this.#at }));
  }

  /** Show or hide the base-map layers of a group. */
  showGroup(group, visible) {
    this.#hidden = [...this.#hidden.filter((name) => name !== group), ...(visible ? [] : [group])];
    const show = () => showGroup(this.map, group, this.#hidden);
    if (this.map.getStyle()) show();
    else this.map.once('style.load', show); // a link may say so before the map has read its style
  }

  #size() {
    return { width: this.container.clientWidth, height: this.container.clientHeight };
  }

  #padding() {
    return this.padding(this.#size());
  }

  #mapLibreCamera({ longitude, latitude, zoom, pitch, bearing }) {
    return { center: [longitude, latitude], zoom, pitch, bearing };
  }
}
