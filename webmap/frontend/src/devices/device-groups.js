/**
 * Which marks are put on the map for many things in a small space: those that would cover each other share one, which says how
 * many they are and how they fare. Pure.
 *
 * A mark stands where one of its things stands, so that it does not wander when the others change; and marks of a level never
 * stand nearer to each other than the width of one, so that none hides another. A level is a range of half a zoom: panning
 * and small movements leave all marks as they are.
 */
import { rankOf } from './device-terms.js';

const EARTH = 40_075_016.686;
const TILE = 512;

/** Metres that storeys of one mark may lie apart at most where one looks from above: all that stand on one spot. */
const TOWER = 1e6;

/** How steeply one looks, in steps: from above, aslant, from the side. The sine is of the least pitch of a step. */
const PITCHES = [{ from: 40, sine: 0.64 }, { from: 15, sine: 0.26 }, { from: 0, sine: 0 }];

/**
 * How far things must stand apart to have marks of their own.
 * @param {{zoom: number, pitch: number, latitude: number}} camera degrees
 * @param {number} pixels width of a mark
 * @returns {{key: string, flat: number, high: number}} `flat`: side of a cell, metres of EPSG:3857; `high`: the same upwards, metres
 */
export function levelOf({ zoom, pitch, latitude }, pixels) {
  const half = Math.floor(zoom * 2) / 2;
  const { from, sine } = PITCHES.find((step) => pitch >= step.from);
  const flat = (pixels * EARTH) / (TILE * 2 ** half);
  const metres = flat * Math.cos((Math.round(latitude) * Math.PI) / 180);
  return { key: `${half}/${from}/${Math.round(latitude)}/${pixels}`, flat, high: sine === 0 ? TOWER : metres / sine };
}

/** Metres of EPSG:3857. */
function web(lon, lat) {
  return [(lon / 360) * EARTH, (Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)) * EARTH];
}

/** A cell's place in the order of all cells; every axis has room for 2¹⁷ of them before two could share a number. */
const SPAN = 2 ** 17;
const number = (i, j, k) => ((i % SPAN) * SPAN + (j % SPAN)) * SPAN + (k % SPAN);

/**
 * @param {Array<{key: string, lon: number, lat: number, z: number, state: string}>} things in any order; `key` is one's own
 * @param {{flat: number, high: number}} level
 * @returns {Array<{key: string, lon: number, lat: number, z: number, members: object[], rank: number}>} in the order of their keys
 */
export function groupThings(things, { flat, high }) {
  const sorted = [...things].sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
  const groups = [];
  const cells = new Map();
  for (const thing of sorted) {
    const [x, y] = web(thing.lon, thing.lat);
    const at = [x / flat, y / flat, thing.z / high];
    const [i, j, k] = at.map((value) => Math.floor(value) + SPAN / 2);
    const near = nearest(cells, at, i, j, k);
    if (near) {
      near.members.push(thing);
      near.rank = Math.max(near.rank, rankOf(thing.state));
      continue;
    }
    const { key, lon, lat, z } = thing;
    const group = { key, lon, lat, z, members: [thing], rank: rankOf(thing.state), at };
    groups.push(group);
    const cell = number(i, j, k);
    if (cells.has(cell)) cells.get(cell).push(group);
    else cells.set(cell, [group]);
  }
  return groups.map(({ at, ...group }) => group);
}

/** The group that stands nearest to a place, less than one cell away; undefined where none does. */
function nearest(cells, [x, y, z], i, j, k) {
  let best;
  let least = 1;
  for (let di = -1; di <= 1; di += 1) {
    for (let dj = -1; dj <= 1; dj += 1) {
      for (let dk = -1; dk <= 1; dk += 1) {
        for (const group of cells.get(number(i + di, j + dj, k + dk)) ?? []) {
          const [gx, gy, gz] = group.at;
          const squared = (x - gx) ** 2 + (y - gy) ** 2 + (z - gz) ** 2;
          if (squared < least) [best, least] = [group, squared];
        }
      }
    }
  }
  return best;
}

/** Parts of a ring that tells how the members of a mark fare. */
export const EIGHTHS = 8;

/**
 * How many eighths of a ring are lost, and how many late: at least one of each where there is any, and never more than eight.
 * @param {object[]} members
 * @returns {{lost: number, late: number}}
 */
export function ringOf(members) {
  const count = (rank) => members.filter(({ state }) => rankOf(state) === rank).length;
  const part = (some) => (some === 0 ? 0 : Math.max(1, Math.round((some / members.length) * EIGHTHS)));
  const lost = part(count(3));
  const late = part(count(2));
  return lost + late > EIGHTHS ? { lost: EIGHTHS - Math.max(1, EIGHTHS - lost), late: Math.max(1, EIGHTHS - lost) } : { lost, late };
}

/** The number on a mark: 7, 36, 999, 1k, 12k. */
export const countWords = (count) => (count < 1000 ? String(count) : `${Math.floor(count / 1000)}k`);
