/**
 * What lies under the city, put into the base map's style: the administrator's tiles, pictures, hillshade, terrain, and how
 * strong the map's own layers are. Pure.
 *
 * From below: the map's own ground, water and green; the administrator's tiles; pictures; hillshade; what deck.gl draws on
 * the ground; roads; what stands on it; names.
 */
import { SHIFTED } from './gcj02.js';
import { FIRST_ROAD, GROUP } from '../map/style.js';
import { isShown, strengthOf } from './tree.js';

/** Ids of all sources and layers that are put in begin so. */
export const UNDER = 'under:';

/** By night pictures are darker: white roofs must not outshine what is live. */
const PICTURE = { night: { 'raster-brightness-max': 0.78, 'raster-saturation': -0.15 }, day: {} };

/** How dark a slope is away from the light, and how light towards it. */
const SHADE = {
  night: { 'hillshade-shadow-color': '#000000', 'hillshade-highlight-color': '#8fa6b8', 'hillshade-accent-color': '#0a0d11' },
  day: { 'hillshade-shadow-color': '#3d4a55', 'hillshade-highlight-color': '#ffffff', 'hillshade-accent-color': '#6b7782' },
};

/** Names by which the style calls how opaque a layer is. */
const OPACITIES = { fill: ['fill-opacity'], line: ['line-opacity'], symbol: ['text-opacity', 'icon-opacity'] };

/** How much a layer of the map's own is dimmed by: which layer of the tree it belongs to; null for the ground under all. */
export function ownLayer(layer) {
  const group = layer.metadata?.[GROUP];
  if (group) return group;
  if (layer.type === 'background') return null;
  return layer['source-layer'] === 'roads' ? 'roads' : 'land';
}

/** A value of a style multiplied: interpolations and steps over the zoom must stay outermost. */
export function times(value, factor) {
  if (typeof value === 'number') return value * factor;
  if (!Array.isArray(value)) return value;
  if (value[0] === 'interpolate') return value.map((part, at) => (at >= 4 && at % 2 === 0 ? times(part, factor) : part));
  if (value[0] === 'step') return value.map((part, at) => (at >= 2 && at % 2 === 0 ? times(part, factor) : part));
  return ['*', factor, value];
}

function dimmed(layer, strength) {
  if (strength === 1) return layer;
  const opacities = (OPACITIES[layer.type] ?? []).map((name) => [name, times(layer.paint?.[name] ?? 1, strength)]);
  return { ...layer, paint: { ...layer.paint, ...Object.fromEntries(opacities) } };
}

/** The address of a source's answers, from that of its TileJSON. */
export const folderOf = ({ tilejson }) => tilejson.replace(/\.json$/, '');

/** A picture in MapLibre's words: tiles of 512 pixels hold what four of 256 do, for which zooms are on record. */
const picture = ({ minzoom, maxzoom, bounds, ...source }) => ({
  tiles: [`${folderOf(source)}/{z}/{x}/{y}@2x.webp`], tileSize: 512, minzoom, maxzoom: Math.max(minzoom, maxzoom - 1), bounds,
});

/** Heights of Terrain-RGB less those of the ground around: what lies beyond the model is at 0, and no cliff stands at its edge. */
export const encoding = (level) => ({
  encoding: 'custom', redFactor: 6553.6, greenFactor: 25.6, blueFactor: 0.1, baseShift: 10_000 + level,
});

/**
 * @param {object} style as `prepareStyle` gives it
 * @param {object} under
 * @param {{imagery: object[], terrain: object|null}} under.sources on record
 * @param {{layers: string[][], maxzoom: number, datum: string}|null} under.tiles of the administrator
 * @param {Record<string, boolean>} under.shown
 * @param {Record<string, number>} under.strengths
 * @param {number|null} under.level height of the ground around the terrain, metres; null while it is not known
 * @returns a copy with all of it
 */
export function dressed(style, { sources, tiles, shown, strengths, level }) {
  const is = (id) => isShown(shown, id);
  const added = { sources: {}, layers: [] };
  const look = style.name === 'day' ? 'day' : 'night';
  const raster = (id, source, of) => {
    added.sources[id] = { type: 'raster', ...source };
    added.layers.push({
      id, type: 'raster', source: id,
      paint: { 'raster-opacity': strengthOf(strengths, of), 'raster-fade-duration': 150, ...PICTURE[look] },
    });
  };
  if (tiles && is('tiles')) {
    tiles.layers.forEach((addresses, index) => raster(`${UNDER}tiles-${index}`, {
      tiles: tiles.datum === 'gcj02' ? [`${SHIFTED}://${index}/{z}/{x}/{y}`] : addresses, tileSize: 256, maxzoom: tiles.maxzoom,
    }, 'tiles'));
  }
  for (const source of [...sources.imagery].reverse()) { // the uppermost is listed first
    const id = `imagery:${source.name}`;
    if (is(id)) raster(`${UNDER}${id}`, picture(source), id);
  }
  const { terrain } = sources;
  const relief = terrain !== null && level !== null;
  const dem = () => ({
    type: 'raster-dem', tiles: [`${folderOf(terrain)}/{z}/{x}/{y}.png`], tileSize: 256, minzoom: terrain.minzoom,
    maxzoom: terrain.maxzoom, bounds: terrain.bounds, ...encoding(level),
  });
  if (relief && is('hillshade')) {
    added.sources[`${UNDER}hillshade`] = dem();
    added.layers.push({
      id: `${UNDER}hillshade`, type: 'hillshade', source: `${UNDER}hillshade`,
      paint: { 'hillshade-exaggeration': strengthOf(strengths, 'hillshade'), ...SHADE[look] },
    });
  }
  // A source of its own: tiles of heights that are shaded are not those that are stood on, says MapLibre.
  if (relief && is('terrain')) added.sources[`${UNDER}terrain`] = dem();

  const firstRoad = style.metadata?.[FIRST_ROAD];
  const layers = style.layers.flatMap((layer) => {
    const of = ownLayer(layer);
    const dim = of === null ? layer : dimmed(layer, strengthOf(strengths, of));
    const hidden = (of === 'land' || of === 'roads') && !is(of);
    const drawn = hidden ? { ...dim, layout: { ...dim.layout, visibility: 'none' } } : dim;
    return layer.id === firstRoad ? [...added.layers, drawn] : [drawn];
  });
  return {
    ...style, layers, sources: { ...style.sources, ...added.sources },
    ...(relief && is('terrain') ? { terrain: { source: `${UNDER}terrain`, exaggeration: 1 } } : {}),
  };
}

/** Who is to be named beside what is drawn: each once, from below. */
export function attributions({ sources, tiles, shown }) {
  const is = (id) => isShown(shown, id);
  const named = [
    ...(tiles && is('tiles') ? [tiles.attribution] : []),
    ...sources.imagery.filter(({ name }) => is(`imagery:${name}`)).map(({ attribution }) => attribution),
    ...(sources.terrain && (is('hillshade') || is('terrain')) ? [sources.terrain.attribution] : []),
    ...sources.models.filter(({ name }) => is(`model:${name}`)).map(({ attribution }) => attribution),
  ];
  return [...new Set(named.filter(Boolean))];
}
