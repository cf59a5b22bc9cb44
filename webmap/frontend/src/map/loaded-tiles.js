/**
 * The tiles that the page holds right now, and how to fetch some of them again. The only module that reaches into what
 * the two libraries keep to themselves: MapLibre's public `refreshTiles` does not say which tiles there are nor empties
 * the cache of those out of view, and deck.gl has no refresh of one tile at all. tests/loaded-tiles.test.js and
 * tests/browser/test_freshness.py fail when an upgrade takes these ways away.
 *
 * Both kinds are told in the same words:
 *
 *   id       name of the source
 *   names    layers that its tiles hold
 *   tiles()  `{ z, x, y, loading }` of each tile in view; null while the library is between two states
 *   reload(tiles)    fetch these again, now; what is drawn stays until the answer is here
 *   forget(touched)  do not show again, from a cache, a tile out of view for which `touched(tile)` is true
 *
 * And how high the ground is drawn, for the same reason: MapLibre's public question takes 20 µs for each place.
 */
import { _Tileset2D as Tileset2D } from '@deck.gl/geo-layers';
import { layersOf } from './tile-changes.js';

const SETTLED = new Set(['loaded', 'errored']);

/** The tiles of a source of the base map. */
export function baseMapTiles(map, id) {
  const { style } = map;
  const tiles = map.getSource(id)?.tiles;
  if (!tiles) return null; // not a tiled source, or not there yet
  return {
    id,
    names: layersOf(tiles[0]),
    tiles: () => style.tileManagers[id]._inViewTiles.getAllTiles().map((tile) => ({
      ...address(tile.tileID.canonical),
      // A tile whose labels fade out is on its way out of view: it is dealt with when it has gone.
      loading: !SETTLED.has(tile.state) || tile.holdingForSymbolFade(),
    })),
    reload: (some) => map.refreshTiles(id, some),
    forget: (touched) => style.tileManagers[id]._outOfViewCache.filter((tile) => !touched(address(tile.tileID.canonical))),
  };
}

/** Sources of the base map of which a tile in view did not come. MapLibre says nothing where the answer was 404. */
export function failedSources(map) {
  return Object.entries(map.style.tileManagers).filter(([, manager]) => (
    manager._inViewTiles.getAllTiles().some(({ state }) => state === 'errored'))).map(([id]) => id);
}

/** Tiles are so wide for MapLibre's samplers of heights. */
const EXTENT = 8192;

/**
 * The ground as MapLibre draws it right now, a thousand times quicker than its public `queryTerrainElevation`.
 * @returns {(x: number, y: number) => number} metres at a place of Web Mercator, 0 to 1 from the north-west; 0 where nothing
 *   is loaded
 */
export function drawnGround(map) {
  const index = map.terrain?.getCoverageIndex();
  if (!index) return () => 0;
  const { zooms, samplerPerTile } = index;
  let [scale, column, row, sampler] = [1, -1, -1, null];
  const within = (x, y) => Math.floor(x * scale) === column && Math.floor(y * scale) === row;
  const find = (x, y) => {
    for (const z of zooms) {
      scale = 2 ** z;
      [column, row] = [Math.floor(x * scale), Math.floor(y * scale)];
      sampler = samplerPerTile.get(`0/${z}/${column}/${row}`);
      if (sampler !== undefined) return;
    }
    sampler = null;
    column = -1;
  };
  return (x, y) => {
    if (!within(x, y)) find(x, y);
    return sampler ? sampler((x * scale - column) * EXTENT, (y * scale - row) * EXTENT, EXTENT) : 0;
  };
}

/** Let a tile that could not be fetched again show what it showed before. For MapLibre's event 'error'. */
export function keepPicture(tile) {
  if (tile.state === 'errored' && tile.latestFeatureIndex) tile.state = 'loaded';
}

/** The tiles of a deck.gl TileLayer. */
export function deckTiles(layer) {
  const tileset = layer.state?.tileset;
  const inView = () => tileset.selectedTiles ?? [];
  return {
    id: layer.id,
    names: layersOf(layer.props.data),
    // A layer just composed takes over its predecessor's tiles with the next frame.
    tiles: () => (tileset ? inView().map(({ index, isLoading }) => ({ ...address(index), loading: isLoading })) : null),
    reload: (some) => {
      const wanted = new Set(some.map(({ z, x, y }) => `${z}/${x}/${y}`));
      for (const header of inView()) {
        const { z, x, y } = header.index;
        if (wanted.has(`${z}/${x}/${y}`)) header.setNeedsReload();
      }
      layer._updateTileset(); // deck.gl would ask with its next frame, and a slow picture is long in coming
      layer.setNeedsUpdate();
    },
    forget: (touched) => {
      for (const header of tileset?.tiles ?? []) {
        if (!inView().includes(header) && touched(address(header.index))) header.setNeedsReload();
      }
    },
  };
}

/** A deck.gl tile set in which a tile that could not be fetched again shows what it showed before. */
export class KeepingTileset extends Tileset2D {
  setOptions({ getTileData, onTileError, ...options }) {
    super.setOptions({
      ...options,
      onTileError,
      getTileData: async (request) => {
        const content = this.tiles.find(({ id }) => id === request.id)?.content;
        try {
          return await getTileData(request);
        } catch (error) {
          if (!content || request.signal.aborted) throw error;
          onTileError(error);
          return content;
        }
      },
    });
  }
}

const address = ({ z, x, y }) => ({ z, x, y });
