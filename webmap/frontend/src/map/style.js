/** The base map's style, made ready for this screen: size of text, language of labels, what is hidden. Pure. */

/** Metadata key that names the lowest label layer. */
export const FIRST_LABEL = 'shapan:first-label';

/** Metadata key that names the lowest layer of roads: what covers the ground goes below it. */
export const FIRST_ROAD = 'shapan:first-road';

/** Metadata key of a layer: what shows and hides together with it. */
export const GROUP = 'shapan:group';

/** Metadata key of a layer: what else is written where it writes, to which it gives way. */
export const UNDER = 'shapan:under';

/** Fonts that draw labels: ours for Latin, the computer's own for Chinese. No glyph server is asked. */
export const FONTS = '"Inter Variable","Noto Sans CJK SC","Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif';

const SCALED = new Set([
  'text-size', 'text-halo-width', 'line-width', 'line-gap-width', 'circle-radius', 'circle-stroke-width',
]);

/** A screen twice as large shows the same piece of ground one zoom further in. */
function zoomShift(factor) {
  return Math.log2(factor);
}

/**
 * The value of a style property on a screen `factor` times as large: outputs grow by it, stops over zoom move by
 * its logarithm. MapLibre wants interpolations over zoom outermost, so the factor goes into their outputs.
 */
export function scaleValue(value, factor) {
  if (typeof value === 'number') return value * factor;
  if (!Array.isArray(value)) return value;
  if (value[0] !== 'interpolate') return ['*', factor, value];
  return value.map((part, index) => {
    if (index < 3) return part;
    return index % 2 === 0 ? scaleValue(part, factor) : part + zoomShift(factor);
  });
}

function scaleGroup(group, factor) {
  return Object.fromEntries(Object.entries(group ?? {}).map(
    ([name, value]) => [name, SCALED.has(name) ? scaleValue(value, factor) : value],
  ));
}

function scaleZooms({ minzoom, maxzoom }, factor) {
  const shifted = (zoom) => Math.min(24, Math.max(0, zoom + zoomShift(factor)));
  return {
    ...(minzoom === undefined ? {} : { minzoom: shifted(minzoom) }),
    ...(maxzoom === undefined ? {} : { maxzoom: shifted(maxzoom) }),
  };
}

/** The text of a label layer in `lang`, from its metadata; undefined for a layer that says the same in both. */
function labelText(layer, lang) {
  return layer.metadata?.['shapan:text']?.[lang];
}

/** True when a layer belongs to one of the groups of names, or gives way to one of them. */
function belongs(layer, groups) {
  return [GROUP, UNDER].some((key) => groups.includes(layer.metadata?.[key]));
}

/** Whether tiles of an address can be asked for as of an instant: boundaries have a history. */
export const hasHistory = (url) => /\/tiles\/([a-z_]+,)*grids(,[a-z_]+)*\//.test(url);

/** The address of tiles as of an instant, milliseconds since 1970; null for now. */
export function asOf(url, at) {
  const [plain] = url.split('?');
  return at === null ? plain : `${plain}?at=${new Date(at).toISOString()}`;
}

/** A source whose boundaries are those of an instant. */
function sourceAsOf(source, at) {
  return at !== null && source.tiles && hasHistory(source.tiles[0])
    ? { ...source, tiles: source.tiles.map((url) => asOf(url, at)) } : source;
}

/**
 * @param {object} style as the server sends it
 * @param {{lang: string, scale: number, hidden?: string[], at?: number|null}} screen `hidden`: groups that are not shown;
 *   `at`: instant of the boundaries, null for now
 * @returns a copy of `style` for this screen
 */
export function prepareStyle(style, { lang, scale, hidden = [], at = null }) {
  const sources = Object.fromEntries(Object.entries(style.sources ?? {}).map(([id, source]) => [id, sourceAsOf(source, at)]));
  const layers = style.layers.map((layer) => ({
    ...layer,
    ...scaleZooms(layer, scale),
    paint: scaleGroup(layer.paint, scale),
    layout: {
      ...scaleGroup(layer.layout, scale),
      ...(labelText(layer, lang) ? { 'text-field': labelText(layer, lang) } : {}),
      ...(belongs(layer, hidden) ? { visibility: 'none' } : {}),
    },
  }));
  return { ...style, sources, layers };
}

/** Write the labels of a map that stands in `lang`. */
export function localiseLabels(map, lang) {
  for (const layer of map.getStyle().layers) {
    const text = labelText(layer, lang);
    if (text) map.setLayoutProperty(layer.id, 'text-field', text);
  }
}

/** Show or hide the layers of a group that is hidden now, or no longer; `hidden`: all groups that are. */
export function showGroup(map, group, hidden) {
  for (const layer of map.getStyle().layers) {
    if (belongs(layer, [group])) map.setLayoutProperty(layer.id, 'visibility', belongs(layer, hidden) ? 'none' : 'visible');
  }
}
