/** What is on record of pictures, elevation models and 3D models where this account may look. */
import { requestJson } from '../api.js';
import { folderOf } from './under-city.js';

export const NO_SOURCES = { status: 'loading', imagery: [], terrain: null, models: [], level: null };

const touch = ([west, south, east, north], [west2, south2, east2, north2]) => (
  west < east2 && west2 < east && south < north2 && south2 < north);

/** The part of a box that another one covers, 0 to 1. */
function covered([west, south, east, north], other) {
  const across = Math.min(east, other[2]) - Math.max(west, other[0]);
  const along = Math.min(north, other[3]) - Math.max(south, other[1]);
  return Math.max(0, across) * Math.max(0, along) / ((east - west) * (north - south));
}

/** Less than this of the city is no reason to take a coarser model. */
const LITTLE = 0.02;

/** The elevation model for a city: the one that covers most of it; of those that cover about the same, the finest. */
export function bestTerrain(models, bounds) {
  const shares = models.map((model) => covered(bounds, model.bounds));
  const most = Math.max(0, ...shares);
  const fit = models.filter((_, index) => shares[index] > 0 && shares[index] >= most - LITTLE);
  return fit.sort((one, other) => one.resolution_m - other.resolution_m)[0] ?? null;
}

/** Those whose box touches the city. */
export const around = (sources, bounds) => sources.filter((source) => touch(source.bounds, bounds));

const column = (longitude, z) => Math.floor(((longitude + 180) / 360) * 2 ** z);
const row = (latitude, z) => {
  const radians = (latitude * Math.PI) / 180;
  return Math.floor(((1 - Math.asinh(Math.tan(radians)) / Math.PI) / 2) * 2 ** z);
};

/** The tile in the middle of a source, at its first zoom. */
export function middleTile({ bounds: [west, south, east, north], minzoom: z }) {
  return { z, x: column((west + east) / 2, z), y: row((south + north) / 2, z) };
}

/** The height that most of a tile's edge has, metres: the server eases what lies beyond a model to its mean. From RGBA pixels. */
export function levelOf({ data, width, height }) {
  const heights = [];
  const take = (x, y) => {
    const at = 4 * (y * width + x);
    heights.push(-10_000 + (data[at] * 65_536 + data[at + 1] * 256 + data[at + 2]) * 0.1);
  };
  for (let x = 0; x < width; x += 1) [0, height - 1].forEach((y) => take(x, y));
  for (let y = 0; y < height; y += 1) [0, width - 1].forEach((x) => take(x, y));
  return Math.round(heights.sort((one, other) => one - other)[heights.length >> 1] * 10) / 10;
}

async function readLevel(terrain) {
  const { z, x, y } = middleTile(terrain);
  const answer = await fetch(`${folderOf(terrain)}/${z}/${x}/${y}.png`);
  if (answer.status !== 200) return terrain.lowest_m;
  // As they are: a picture whose colours are managed has other heights.
  const picture = await createImageBitmap(await answer.blob(), { premultiplyAlpha: 'none', colorSpaceConversion: 'none' });
  const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d', { willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  return levelOf(context.getImageData(0, 0, picture.width, picture.height));
}

/**
 * Read what is on record.
 * @param {{imagery: string, terrain: string, models: string}} urls
 * @param {number[]|null} bounds of the city, degrees
 * @returns {Promise<object>} as NO_SOURCES; a list that cannot be read counts as empty, and status is 'failed'
 */
export async function readSources(urls, bounds) {
  if (!bounds) return { ...NO_SOURCES, status: 'ready' };
  let status = 'ready';
  const list = async (url) => {
    try {
      return (await requestJson(url)).sources;
    } catch (error) {
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      status = 'failed';
      return [];
    }
  };
  const [imagery, models, terrains] = await Promise.all([urls.imagery, urls.models, urls.terrain].map(list));
  const terrain = bestTerrain(terrains, bounds);
  const level = terrain && await readLevel(terrain).catch(() => terrain.lowest_m);
  return { status, imagery: around(imagery, bounds), models: around(models, bounds), terrain, level };
}
