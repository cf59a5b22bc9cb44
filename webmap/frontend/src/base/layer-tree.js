/** 图层: which layers are shown and how strong; what lies under the city; on which ground all of it stands. */
import { TileLayer } from '@deck.gl/geo-layers';
import { isAnyChosen, ALL } from '../devices/device-state.js';
import { showGrids } from '../layers/grids.js';
import { showPlaces } from '../layers/places.js';
import { t } from '../i18n/index.js';
import { Credits } from './credits.js';
import { Models } from './models.js';
import { onRelief } from './on-relief.js';
import { FLAT, Relief } from './relief.js';
import { shiftTiles } from './shifted-tiles.js';
import { readSources } from './sources.js';
import { layerOf, Troubles } from './troubles.js';
import { asStrength, ELSEWHERE, isShown, kindOf, ofAll, strengthOf, treeOf } from './tree.js';
import { attributions, dressed, UNDER } from './under-city.js';

/** deck.gl layers by the beginning of their id → the layer of the tree whose strength they have. */
const OWNERS = [
  ['buildings', 'buildings'], ['building-cells', 'buildings'], ['resident-', 'buildings'], ['community-figures', 'figures'],
  ['grid-figures', 'figures'], ['heat', 'events'], ['event-', 'events'], ['keepers', 'keepers'], ['track-', 'keepers'],
];
const THINGS = ['device-marks', 'device-counts'];

/** The layer of the tree to which a layer of deck.gl belongs; undefined where none dims it. */
export function ownerOf(id) {
  if (THINGS.includes(id)) return 'devices';
  return OWNERS.find(([beginning]) => id.startsWith(beginning))?.[1];
}

export class LayerTree {
  relief = FLAT;

  #cityMap = null;
  #read = 0;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {{imagery: string, terrain: string, models: string}} parts.urls of what is on record
   * @param {object|null} parts.tiles the administrator's base map, as the server wrote it into the page
   * @param {object} parts.page its parts hold layers that the tree only switches: `alarmScene`, `events`, `keepers`, `devices`, `gridMap`
   * @param {boolean} parts.maySeeDevices
   * @param {() => void} parts.onChange what deck.gl draws is something else
   */
  constructor({ store, urls, tiles, page, maySeeDevices, onChange }) {
    Object.assign(this, { store, urls, tiles, page, maySeeDevices, onChange });
    this.credits = new Credits({ store, names: () => this.attributions() });
    if (tiles?.datum === 'gcj02') shiftTiles(tiles.layers);
    this.models = new Models({ onChange, onTrouble: (name) => this.troubles.met(`model:${name}`) });
    this.troubles = new Troubles({
      onChange: (troubles) => this.#set({ troubles }),
      onGone: () => this.readAgain(),
    });
  }

  // --- the hooks of a part -----------------------------------------------------------------------------------

  restore({ layers }) {
    if (!layers) return;
    const { state } = this.store;
    state.layers = { ...state.layers, ...layers.shown };
    state.strengths = { ...layers.strengths };
  }

  linked() {
    const { layers: shown, strengths } = this.store.state;
    return { layers: { shown, strengths } };
  }

  opened(cityMap) {
    this.#cityMap = cityMap;
    this.relief = new Relief({
      cityMap, isTerrain: (id) => id === `${UNDER}terrain`,
      onChange: () => {
        this.store.touch('relief');
        this.onChange();
      },
    });
    this.troubles.follow(cityMap.map);
    this.credits.addTo(cityMap.map);
    if (this.#is('tiles') && this.tiles) this.troubles.await('tiles');
    // The style that the map was made with has hidden groups already, marks are no part of it.
    if (!this.#is('alarms')) this.page.alarmScene.show(false);
    this.readAgain();
  }

  streamBegan() {
    if (this.#read > 0) this.readAgain();
  }

  /** A source of the map has failed: true when it is one of those under the city, whose loss breaks nothing else. */
  failed(sourceId, error) {
    if (!sourceId?.startsWith(UNDER)) return false;
    this.troubles.met(layerOf(sourceId), error?.status);
    return true;
  }

  layers({ below, style }) {
    const { sources } = this.store.state.under;
    const shown = sources.models.filter(({ name }) => this.#is(`model:${name}`));
    return { standing: this.models.layers(shown, { relief: this.relief, beforeId: below.labels, style }) };
  }

  // --- what is drawn -----------------------------------------------------------------------------------------

  /** What a map begins with: groups that are hidden, and how its style is dressed. */
  forMap() {
    return { hidden: ['grids', 'labels'].filter((id) => !this.#is(id)), dress: (style) => this.dress(style) };
  }

  /** The base map's style with what lies under the city. */
  dress(style) {
    const { layers: shown, strengths, under: { sources } } = this.store.state;
    return dressed(style, { sources, tiles: this.tiles, shown, strengths, level: sources.level });
  }

  /** deck.gl's layers on the ground, each as strong as was chosen. */
  stand(layers) {
    const { strengths } = this.store.state;
    const { relief } = this;
    return layers.map((layer) => {
      const owner = ownerOf(layer.id);
      const strength = owner ? strengthOf(strengths, owner) : 1;
      const changes = {
        ...(strength === 1 ? {} : { opacity: layer.props.opacity * strength }),
        ...(relief.on && layer instanceof TileLayer ? { zRange: this.#reach(layer.props.zRange?.[1] ?? 0) } : {}),
      };
      const changed = Object.keys(changes).length > 0 ? layer.clone(changes) : layer;
      return this.#is('terrain') ? onRelief(changed, relief.grid) : changed;
    });
  }

  #reaches = new Map();

  /** Heights within which a tile's content may stand. Always the same list for the same: deck.gl takes another one for a change. */
  #reach(metres) {
    const [low, high] = this.relief.range;
    const key = `${low} ${high + metres}`;
    if (!this.#reaches.has(key)) this.#reaches.set(key, [low, high + metres]);
    return this.#reaches.get(key);
  }

  /** Whether a source may be missing from a picture that counts as whole: nobody here can make another host answer. */
  isForeign(sourceId) {
    return sourceId.startsWith(`${UNDER}tiles`);
  }

  /** Who is to be named on the map. */
  attributions() {
    const { layers: shown, under: { sources } } = this.store.state;
    return attributions({ sources, tiles: this.tiles, shown });
  }

  // --- what is chosen ----------------------------------------------------------------------------------------

  /** Groups of layers, each layer with what it says now: `{ ..., checked, strength: number|null, words }`. */
  groups() {
    const { under: { sources }, strengths } = this.store.state;
    const groups = treeOf({ sources, tiles: this.tiles?.name ?? null, allowed: (id) => this.#allowed(id) });
    return groups.map((group) => {
      const layers = group.layers.map((layer) => ({
        ...layer, checked: this.checked(layer.id), strength: layer.strength ? strengthOf(strengths, layer.id) : null,
        words: this.#words(layer),
      }));
      return { ...group, layers, checked: ofAll(layers.map(({ checked }) => checked)) };
    });
  }

  #words({ id, name }) {
    const kind = t(`layers.${kindOf(id)}`);
    if (id === 'tiles') return name;
    return name === null ? kind : `${kind} · ${name}`;
  }

  #allowed(id) {
    if (id === 'keepers') return this.page.keepers.allowed;
    if (id === 'devices' || id === 'facilities') return this.maySeeDevices;
    return true;
  }

  /** Whether a layer is shown: true, false, or 'mixed' where it has parts of which some are. */
  checked(id) {
    const { choropleth, devices: { choice } } = this.store.state;
    const some = (chosen) => (chosen === ALL ? true : isAnyChosen(chosen) ? 'mixed' : false);
    switch (id) {
      case 'figures': return choropleth.figure !== 'none';
      case 'devices': return some(choice.kinds);
      case 'facilities': return some(choice.classes);
      default: return this.#is(id);
    }
  }

  #is(id) {
    return isShown(this.store.state.layers, id);
  }

  /** Show a layer or not. */
  show(id, shown) {
    const { page } = this;
    if (!ELSEWHERE.includes(id)) this.store.set('view', { layers: { ...this.store.state.layers, [id]: shown } });
    switch (id) {
      case 'figures': return page.gridMap.show(shown ? this.#figure() : 'none');
      case 'devices': return page.devices.showAll('kinds', shown);
      case 'facilities': return page.devices.showAll('classes', shown);
      case 'events': return page.events.show(shown);
      case 'keepers': return page.keepers.show(shown);
      case 'alarms': return page.alarmScene.show(shown);
      case 'buildings': return undefined;
      case 'grids': return this.#cityMap && showGrids(this.#cityMap, shown);
      case 'labels': return this.#cityMap && showPlaces(this.#cityMap, shown);
      default: return this.#under(id, shown);
    }
  }

  #figure() {
    const { figure } = this.store.state.choropleth;
    return figure === 'none' ? 'entry_rate' : figure;
  }

  #under(id, shown) {
    if (shown && id === 'tiles') this.troubles.await(id);
    else this.troubles.forget(id);
    this.#redress();
  }

  /** Show all layers of a group, or none. */
  showGroup(id, shown) {
    for (const layer of this.groups().find((group) => group.id === id).layers) {
      if (layer.checked !== shown) this.show(layer.id, shown);
    }
  }

  /** How strong a layer is drawn: 0.1 to 1. */
  setStrength(id, value) {
    const strengths = { ...this.store.state.strengths, [id]: asStrength(value) };
    // All marks are drawn together.
    if (id === 'devices' || id === 'facilities') strengths.devices = strengths.facilities = asStrength(value);
    this.store.set('view', { strengths });
    this.#redress();
  }

  #redress() {
    this.#cityMap?.restyle();
    const { terrain, level } = this.store.state.under.sources;
    this.relief.show(terrain && this.#is('terrain') ? terrain : null, level);
  }

  // --- what is on record -------------------------------------------------------------------------------------

  /** Read once more what is on record: something was deleted, or the service is another one. */
  async readAgain() {
    const read = this.#read += 1;
    const sources = await readSources(this.urls, this.store.state.scene.bounds);
    if (read !== this.#read) return;
    const { sources: before } = this.store.state.under;
    const gone = this.#names(before).filter((id) => !this.#names(sources).includes(id) && this.#is(id));
    this.#set({ sources });
    this.troubles.gone(gone.filter(() => sources.status === 'ready'));
    this.#redress();
    this.store.touch('view');
  }

  #names({ imagery, models, terrain }) {
    return [
      ...imagery.map(({ name }) => `imagery:${name}`), ...models.map(({ name }) => `model:${name}`),
      ...(terrain ? ['terrain', 'hillshade'] : []),
    ];
  }

  #set(changes) {
    this.store.set('under', { under: { ...this.store.state.under, ...changes } });
  }

  /** What is wrong with a layer, in words of the page's language. */
  troubleWords(id, trouble) {
    const name = id === 'tiles' ? this.tiles?.name ?? '' : [t(`layers.${kindOf(id)}`), id.split(':')[1]].filter(Boolean).join(' ');
    return t(`layers.trouble.${id === 'tiles' ? 'tiles' : trouble}`, { name });
  }
}
