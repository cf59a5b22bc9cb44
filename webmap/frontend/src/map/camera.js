/** Where a camera must stand so that an area fills the free part of the window. Pure. */
import { WebMercatorViewport } from '@deck.gl/core';

const LEAST_ZOOM = 2;
const MOST_ZOOM = 17;

/** Air around the city. */
const FILL = 0.98;

/** Points on the ellipse within [west, south, east, north]: the corners of a city's box are empty country. */
function outline([west, south, east, north]) {
  const [x, y, a, b] = [(west + east) / 2, (south + north) / 2, (east - west) / 2, (north - south) / 2];
  return Array.from({ length: 24 }, (_, index) => {
    const angle = (index * Math.PI) / 12;
    // Somewhat squarer than an ellipse: exponent 0.8 instead of 1 for cosine and sine.
    const round = (value) => Math.sign(value) * Math.abs(value) ** 0.8;
    return [x + a * round(Math.cos(angle)), y + b * round(Math.sin(angle))];
  });
}

function projectedBox(viewport, points) {
  const xy = points.map((point) => viewport.project(point));
  return {
    left: Math.min(...xy.map(([x]) => x)), right: Math.max(...xy.map(([x]) => x)),
    top: Math.min(...xy.map(([, y]) => y)), bottom: Math.max(...xy.map(([, y]) => y)),
  };
}

/** A storey of a small house fills a window of 1080 lines from here. */
const NEAREST_ZOOM = 20.6;

/**
 * Fit some places, each [longitude, latitude, metres above ground], into the free part of a window, tilted and turned. All
 * of them are seen: what stands high comes near to the camera at a tilt, so the window is taken whole, as the map draws it.
 * @returns {{longitude, latitude, zoom, pitch, bearing}} for a map whose padding is the same
 */
export function fitPlaces(places, { width, height, padding, pitch, bearing }) {
  const middle = [0, 1].map((axis) => places.reduce((sum, place) => sum + place[axis], 0) / places.length);
  const free = {
    left: padding.left, top: padding.top,
    width: Math.max(width - padding.left - padding.right, 50), height: Math.max(height - padding.top - padding.bottom, 50),
  };
  const target = [free.left + free.width / 2, free.top + free.height / 2];
  let centre = middle;
  const fill = (zoom) => {
    let box = null;
    centre = middle;
    for (let step = 0; step < 14; step += 1) {
      const viewport = new WebMercatorViewport({
        width, height, longitude: centre[0], latitude: centre[1], zoom, pitch, bearing, padding,
      });
      // Too near: some of it lies behind the camera, and is projected anywhere.
      if (places.some((place) => !(Math.abs(viewport.project(place)[2]) < 1))) return Infinity;
      box = projectedBox(viewport, places);
      const [seen, wanted] = [[(box.left + box.right) / 2, (box.top + box.bottom) / 2], target].map((at) => viewport.unproject(at));
      const shift = [0, 1].map((axis) => seen[axis] - wanted[axis]);
      if (!shift.every((degrees) => Math.abs(degrees) < 0.1)) return Infinity; // its middle is over the horizon
      centre = centre.map((value, axis) => value + shift[axis]);
    }
    return Math.max((box.right - box.left) / free.width, (box.bottom - box.top) / free.height);
  };
  let [low, high] = [MOST_ZOOM - 4, NEAREST_ZOOM + Math.log2(Math.max(1, height / 1080))];
  for (let step = 0; step < 18; step += 1) {
    const zoom = (low + high) / 2;
    if (fill(zoom) <= FILL) low = zoom;
    else high = zoom;
  }
  fill(low);
  return { longitude: centre[0], latitude: centre[1], zoom: low, pitch, bearing };
}

/**
 * Fit [west, south, east, north] (degrees) into a window, tilted and turned.
 *
 * Finds by bisection the largest zoom at which the projected outline fits the window less `padding`, and moves
 * the centre so that the outline stands in the middle: at a tilt the far side shrinks, so the middle of the area
 * is not the middle of the picture.
 * @returns {{longitude, latitude, zoom, pitch, bearing}} for a map whose padding is the same
 */
export function fitCamera(bounds, { width, height, padding, pitch, bearing }) {
  const points = outline(bounds);
  const free = {
    width: Math.max(width - padding.left - padding.right, 50),
    height: Math.max(height - padding.top - padding.bottom, 50),
  };
  let centre = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
  const viewportAt = (zoom) => new WebMercatorViewport({
    ...free, longitude: centre[0], latitude: centre[1], zoom, pitch, bearing,
  });

  const centred = (zoom) => {
    for (let step = 0; step < 6; step += 1) {
      const viewport = viewportAt(zoom);
      const box = projectedBox(viewport, points);
      centre = viewport.unproject([(box.left + box.right) / 2, (box.top + box.bottom) / 2]).slice(0, 2);
    }
    const box = projectedBox(viewportAt(zoom), points);
    return Math.max((box.right - box.left) / free.width, (box.bottom - box.top) / free.height);
  };

  let [low, high] = [LEAST_ZOOM, MOST_ZOOM];
  for (let step = 0; step < 24; step += 1) {
    const middle = (low + high) / 2;
    centre = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
    if (centred(middle) <= FILL) low = middle;
    else high = middle;
  }
  centre = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
  centred(low);
  return { longitude: centre[0], latitude: centre[1], zoom: low, pitch, bearing };
}

/** Degrees beside what is on record that a link may look at, where the city is smaller than that. */
const FAR = 0.3;

/**
 * The camera of a link; null where it looks at nothing that is on record: the picture that the page opens with says more.
 * @param {{longitude: number, latitude: number}|null} camera
 * @param {number[]|null} bounds west, south, east, north of what is on record; null for nothing
 */
export function cameraWithin(camera, bounds) {
  if (camera === null || bounds === null) return camera;
  const [west, south, east, north] = bounds;
  const [wide, high] = [Math.max(east - west, FAR), Math.max(north - south, FAR)];
  const beside = camera.longitude < west - wide || camera.longitude > east + wide
    || camera.latitude < south - high || camera.latitude > north + high;
  return beside ? null : camera;
}
