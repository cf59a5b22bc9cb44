/** Pure: a plan on paper (网格图): scale, where things come to lie, colours by which neighbours differ. */
import { boxOf, ringsOf } from './plan-terms.js';

/** Paper, landscape: millimetres. */
export const PAPERS = { a4: [297, 210], a3: [420, 297] };

/** Denominators of scales that a map has. */
const SCALES = [500, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 7500, 10000, 12500, 15000, 20000, 25000, 30000, 40000, 50000, 75000, 100000, 200000, 500000];

/** Metres of a degree of latitude, and of one of longitude at the equator: the mean of the ellipsoid is exact enough for paper. */
const DEGREE_M = 111_320;

/** Light fills with dark text upon them, told apart by eyes that see colours differently. */
export const FILLS = ['#dbe9f4', '#fbe3c8', '#dcefd8', '#eadff0', '#fff6c2', '#f6d9d9', '#d7efee', '#ebe5d8'];

/** The frame of the map on a paper, and the column beside it; millimetres. */
export function frames(paper) {
  const [width, height] = PAPERS[paper];
  const margin = paper === 'a3' ? 10 : 8;
  const top = paper === 'a3' ? 28 : 21;
  const column = width * 0.27;
  return {
    width, height, margin, unit: paper === 'a3' ? 1 : 0.72,
    map: { left: margin, top, width: width - 2 * margin - column - 4, height: height - top - margin - 6 },
    side: { left: width - margin - column, top, width: column, height: height - top - margin - 6 },
  };
}

/** How a shape comes to lie in a frame: the largest scale at which it fits, and the place of a longitude and latitude in millimetres. */
export function fitted(outline, { left, top, width, height }) {
  const [west, south, east, north] = boxOf(outline);
  const across = DEGREE_M * Math.cos((((south + north) / 2) * Math.PI) / 180);
  const need = Math.max(((east - west) * across * 1000) / (width * 0.94), ((north - south) * DEGREE_M * 1000) / (height * 0.94));
  const scale = SCALES.find((one) => one >= need) ?? Math.ceil(need / 100_000) * 100_000;
  const [x0, y0] = [left + width / 2, top + height / 2];
  return {
    scale,
    place: ([lon, lat]) => [
      Math.round((x0 + ((lon - (west + east) / 2) * across * 1000) / scale) * 1000) / 1000,
      Math.round((y0 - ((lat - (south + north) / 2) * DEGREE_M * 1000) / scale) * 1000) / 1000,
    ],
  };
}

/** A shape as the path of an SVG. */
export function path(geometry, place) {
  const lines = { LineString: (one) => [one], MultiLineString: (one) => one }[geometry.type]?.(geometry.coordinates);
  const chains = lines ?? ringsOf(geometry);
  return chains.map((chain) => `M${chain.map((one) => place(one).join(' ')).join('L')}${lines ? '' : 'Z'}`).join('');
}

/** A fill for each face, so that those whose boxes touch have different ones as far as there are enough. */
export function fills(features) {
  const boxes = features.map(({ geometry }) => boxOf(geometry));
  const touch = ([w1, s1, e1, n1], [w2, s2, e2, n2]) => w1 <= e2 && w2 <= e1 && s1 <= n2 && s2 <= n1;
  const given = [];
  boxes.forEach((box, index) => {
    const near = new Map(FILLS.map((fill) => [fill, 0]));
    for (let other = 0; other < index; other += 1) if (touch(box, boxes[other])) near.set(given[other], near.get(given[other]) + 1);
    const fewest = Math.min(...near.values());
    const free = FILLS.filter((fill) => near.get(fill) === fewest);
    given.push(free[index % free.length]);
  });
  return new Map(features.map(({ id }, index) => [id, given[index]]));
}

/** The length of a scale bar: a round number of metres that takes some fifth of a width in millimetres. */
export function barLength(scale, width) {
  const wish = (width * 0.22 * scale) / 1000;
  const power = 10 ** Math.floor(Math.log10(wish));
  return [5, 2, 1].map((one) => one * power).find((one) => one <= wish) ?? power;
}
