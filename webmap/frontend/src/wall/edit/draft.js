/** A tour while somebody writes it: stops put in, moved, changed. Pure: each step makes another draft. */

/** What a stop may show, in the order in which it is offered: spatial/rules/wall_tours.py. */
export { SHOWS } from '../shows.js';

export const SECONDS = { least: 3, most: 3600, usual: 15 };
export const MOST_STOPS = 60;
export const MOST_CHARACTERS = 200;

/** How near a camera stands to a place before the server has said how large it is. */
const ZOOMS = { county: 12.4, street: 13.6, community: 14.8, grid: 16, building: 17 };

export const NEW = { id: null, name: '', version: 0, stops: [] };

/** The level of an area by its code: what lies below it is zeros. */
const levelOf = ({ kind, code }) => {
  if (kind === 'grid') return 'grid';
  return code.endsWith('000000') ? 'county' : code.endsWith('000') ? 'street' : 'community';
};

/** A stop at what a search has found. */
export function stopAt(found) {
  const building = found.kind === 'building';
  const level = building ? 'building' : levelOf(found);
  return {
    title: found.label, seconds: SECONDS.usual, show: 'alarms', gone: false, bounds: null,
    target: building ? { kind: 'building', id: found.id } : { kind: 'place', level, code: found.code },
    camera: { lon: found.lon, lat: found.lat, zoom: ZOOMS[level], pitch: 50, bearing: -18 },
  };
}

/** A stop at the present view. */
export const stopHere = (camera, title) => (
  { title, seconds: SECONDS.usual, show: 'alarms', gone: false, bounds: null, camera, target: { kind: 'view', camera } });

export const add = (draft, stop) => (draft.stops.length < MOST_STOPS ? { ...draft, stops: [...draft.stops, stop] } : draft);

export const remove = (draft, at) => ({ ...draft, stops: draft.stops.filter((_, index) => index !== at) });

export const change = (draft, at, changes) => ({ ...draft, stops: draft.stops.map((stop, index) => (index === at ? { ...stop, ...changes } : stop)) });

/** Move a stop by some places; beyond an end it stays. */
export function move(draft, at, by) {
  const to = at + by;
  if (to < 0 || to >= draft.stops.length) return draft;
  const stops = [...draft.stops];
  stops.splice(to, 0, ...stops.splice(at, 1));
  return { ...draft, stops };
}

/** What is wrong with it before anybody is asked: keys of sentences, none where it can be saved. */
export function faults({ name, stops }) {
  const wrongSeconds = stops.some(({ seconds }) => !Number.isInteger(seconds) || seconds < SECONDS.least || seconds > SECONDS.most);
  return [
    ...(name.trim() === '' ? ['tours.fault.name'] : []), ...(stops.length === 0 ? ['tours.fault.stops'] : []),
    ...(wrongSeconds ? ['tours.fault.seconds'] : []),
  ];
}

/** What the server is sent. */
export function bodyOf({ id, name, version, stops }) {
  const sent = stops.map(({ title, seconds, target, show }) => ({ title, seconds, target, show }));
  return { name: name.trim(), stops: sent, ...(id === null ? {} : { version }) };
}

/** Seconds of a whole round. */
export const lasts = ({ stops }) => stops.filter(({ gone }) => !gone).reduce((sum, { seconds }) => sum + (Number(seconds) || 0), 0);
