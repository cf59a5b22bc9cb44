/**
 * 图层树: which layers there are, in which order, and what a link says of them. Pure.
 *
 * A layer's id is its name here, in the store and in links. Pictures and models carry the name of their source behind a
 * colon: `imagery:ortho2024`.
 */

/** Whether each layer is shown where nobody has said otherwise. What is not listed is not shown. */
const SHOWN = { land: true, roads: true, labels: true, grids: true, buildings: true, alarms: true };

/** How strong it is where nobody has said so; else as it is. */
const STRENGTH = { hillshade: 0.6 };

/** Layers whose own part writes into the link whether they are shown. */
export const ELSEWHERE = ['figures', 'devices', 'facilities', 'events', 'keepers'];

/** Below this a layer cannot be told from one that is not shown. */
export const FAINTEST = 0.1;

/** One step of the keyboard. */
export const STEP = 0.1;

/** Layers of one link. */
const MOST = 60;

const icons = {
  land: 'land', roads: 'road', tiles: 'globe', hillshade: 'mountain', terrain: 'relief', imagery: 'satellite', labels: 'label', grids: 'grid',
  figures: 'area', buildings: 'building', model: 'tilt', devices: 'camera', facilities: 'facility', alarms: 'alarm', events: 'heat',
  keepers: 'keeper',
};

/** What kind of layer an id is of: `imagery` of `imagery:ortho2024`. */
export const kindOf = (id) => id.split(':', 1)[0];

/** The name of the source of a layer that has one. */
export const sourceOf = (id) => id.slice(kindOf(id).length + 1);

/**
 * All layers by group, in the order in which they lie on one another within a group, the uppermost first.
 * @param {object} there what exists here
 * @param {{imagery: object[], terrain: object|null, models: object[]}} there.sources on record where the account may look
 * @param {string|null} there.tiles name of the administrator's base map
 * @param {(id: string) => boolean} there.allowed whether this account may see a layer
 * @returns {{id: string, layers: {id: string, icon: string, name: string|null, strength: boolean}[]}[]} `name`: of a
 *   source, where the layer is not called by a word of the page; `strength`: whether it can be made fainter
 */
export function treeOf({ sources, tiles, allowed }) {
  const layer = (id, { name = null, strength = true } = {}) => ({ id, icon: icons[kindOf(id)], name, strength });
  const groups = [
    { id: 'live', layers: [layer('alarms', { strength: false }), layer('keepers'), layer('events')] },
    { id: 'things', layers: [layer('devices'), layer('facilities')] },
    { id: 'built', layers: [layer('buildings'), ...sources.models.map(({ name }) => layer(`model:${name}`, { name, strength: false }))] },
    { id: 'areas', layers: [layer('labels'), layer('grids'), layer('figures')] },
    {
      id: 'base',
      layers: [
        ...(sources.terrain ? [layer('terrain', { strength: false }), layer('hillshade')] : []),
        layer('roads'),
        ...sources.imagery.map(({ name }) => layer(`imagery:${name}`, { name })),
        ...(tiles ? [layer('tiles', { name: tiles })] : []),
        layer('land'),
      ],
    },
  ];
  return groups.map((group) => ({ ...group, layers: group.layers.filter(({ id }) => allowed(id)) }))
    .filter(({ layers }) => layers.length > 0);
}

/** What a box of a group says: true, false, or 'mixed'. */
export function ofAll(checked) {
  if (checked.every((one) => one === true)) return true;
  return checked.every((one) => one === false) ? false : 'mixed';
}

/** Whether a layer is shown, of what was chosen. */
export const isShown = (layers, id) => layers[id] ?? SHOWN[id] ?? false;

/** How strong a layer is drawn, of what was chosen: 0.1 to 1. */
export const strengthOf = (strengths, id) => strengths[id] ?? STRENGTH[kindOf(id)] ?? 1;

/** A strength as it is kept: whole hundredths, and never so faint that nobody sees that it is shown. */
export const asStrength = (value) => Math.round(Math.min(1, Math.max(FAINTEST, value)) * 100) / 100;

/** One layer of a link: `roads`, `-roads` where it is hidden, `roads~40` where it has 40 per cent of its strength. */
const WORD = /^(-?)([a-z]+(?::[^\p{C},~]{1,200})?)(?:~(\d{1,3}))?$/u;

/**
 * What a link says of layers. What makes no sense is left out; strengths out of range are brought into it.
 * @param {string} text as `writeLayers` gives it
 * @returns {{shown: Record<string, boolean>, strengths: Record<string, number>}|undefined}
 */
export function readLayers(text) {
  const said = { shown: {}, strengths: {} };
  for (const word of text.split(',').slice(0, MOST)) {
    const [, hidden, id, percent] = WORD.exec(word) ?? [];
    if (!id || !Object.hasOwn(icons, kindOf(id))) continue;
    if (!ELSEWHERE.includes(id)) said.shown[id] = hidden === '';
    if (percent !== undefined) said.strengths[id] = asStrength(Number(percent) / 100);
  }
  return Object.keys(said.shown).length + Object.keys(said.strengths).length > 0 ? said : undefined;
}

/** The words of a link for what differs from the beginning. */
export function writeLayers({ shown = {}, strengths = {} } = {}) {
  const words = [];
  for (const id of new Set([...Object.keys(shown), ...Object.keys(strengths)])) {
    if (!Object.hasOwn(icons, kindOf(id))) continue;
    const [is, strong] = [isShown(shown, id), strengthOf(strengths, id)];
    const shownElsewhere = ELSEWHERE.includes(id);
    const usual = shownElsewhere || is === isShown({}, id);
    const fainter = strong === strengthOf({}, id) ? '' : `~${Math.round(strong * 100)}`;
    if (usual && !fainter) continue;
    words.push(`${is || shownElsewhere ? '' : '-'}${id}${fainter}`);
  }
  return words.join();
}

/**
 * Where a key leads in the rows of a tree, as WAI-ARIA's pattern of trees has it.
 * @param {string} key of the keyboard
 * @param {{id: string, parent: string|null, open: boolean|null}[]} rows that are seen, from above; `open`: null without children
 * @param {string} at id of the row that has the focus
 * @returns {{focus?: string, open?: string, close?: string}|null} null for a key that is not of the tree
 */
export function treeKey(key, rows, at) {
  const index = Math.max(0, rows.findIndex(({ id }) => id === at));
  const { id, parent, open } = rows[index];
  const to = (row) => (row === undefined ? {} : { focus: row.id });
  switch (key) {
    case 'ArrowDown': return to(rows[index + 1]);
    case 'ArrowUp': return to(rows[index - 1]);
    case 'Home': return to(rows[0]);
    case 'End': return to(rows.at(-1));
    case 'ArrowRight': return open === false ? { open: id } : open ? to(rows[index + 1]) : {};
    case 'ArrowLeft': return open ? { close: id } : parent ? { focus: parent } : {};
    default: return null;
  }
}
