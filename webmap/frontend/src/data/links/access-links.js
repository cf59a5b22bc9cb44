/** 访问链接: what a list of links says, what a form becomes on its way to the server. Pure. */

export const STATE_ICONS = {
  waiting: 'clock', open: 'check', left: 'stop', unopened: 'partial', expired: 'history', revoked: 'ban',
};

/** States in which a link opens nothing any more and nothing is open; renewing makes something of all but the last. */
const OVER = new Set(['expired', 'revoked']);

export const isOver = ({ state }) => OVER.has(state);

export const MEASURES = ['height_m', 'distance_m', 'takeover_s'];
export const SWITCHES = ['sound', 'low_power'];

/** How many days something stays open, if nobody says so. */
export const DAYS = { kiosk: 400, keeper: 90 };

/** Those that work or wait first, the newest first among them; those that are over only where somebody wants to see them. */
export function listed(links, { over }) {
  const alive = links.filter((link) => !isOver(link));
  return over ? [...alive, ...links.filter(isOver)] : alive;
}

/** What a prefix of codes is called: the area of that code, else the digits; '' is everything. */
export function placeName(place, areas, name) {
  const area = areas.find(({ within }) => within === place);
  return area ? name(area) : place;
}

/** Whose link it is: a wall, or a keeper by name. */
export const called = (link, keepers) => (link.kind === 'keeper' && keepers.find(({ code }) => code === link.keeper)?.name) || link.name;

/** Areas as people choose them: those of a street or county stand before the communities within. */
export const chosenFrom = (areas) => areas.map((area) => ({ ...area, depth: { county: 0, street: 1, community: 2 }[area.level] ?? 0 }));

const number = (text) => (text === '' || text === null ? null : Number(text));

/** What a form says a wall is told: null where it says nothing. */
export function displayOf(form) {
  const said = Object.fromEntries(MEASURES.map((name) => [name, number(form.get(name))]));
  for (const name of SWITCHES) said[name] = { on: true, off: false }[form.get(name)] ?? null;
  return { ...said, tour: number(form.get('tour')) };
}

/** Only what is said. */
export const given = (said) => Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));

/** Members that are other ones than before, null for one that goes away: what PATCH takes. */
export function changes(said, before) {
  return Object.fromEntries(Object.entries(said).filter(([name, value]) => value !== (before[name] ?? null)));
}

/** What to send to make a link. */
export function bodyOf(form) {
  const kind = form.get('kind');
  const lasting = { link_hours: number(form.get('link_hours')) ?? 72, ...given({ days: number(form.get('days')) }) };
  if (kind === 'keeper') return { kind, keeper: form.get('keeper'), ...lasting };
  return { kind, name: form.get('name').trim(), ...(form.get('within') ? { within: form.get('within') } : {}), display: given(displayOf(form)), ...lasting };
}

/** Whether an address of this service means only the computer that it runs on: a link to it opens nowhere else. */
export function onlyHere(origin) {
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** The squares of a QR code, row by row, true where one is dark, with the quiet edge of four that readers want. */
export const squares = (encode, text) => encode(text, 'raw', { border: 4, ecc: 'medium' });

/** Squares as one path of an SVG, a unit each. */
export const pathOf = (rows) => rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
