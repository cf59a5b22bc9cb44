/** What a wall is told: by its address, by the link it was opened with, or by nobody. Pure. */
import { wallOf } from './legibility.js';
import { SECONDS } from './takeover.js';

const on = (text) => (text === null ? undefined : text !== '0');

const number = (text) => (text !== null && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined);

const given = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));

/** Seconds of a takeover that make sense. */
const [SHORTEST, LONGEST] = [5, 300];

/**
 * @param {string} search query string: `height`, `distance` in metres, `tour`, `takeover` in seconds, `sound`, `low`, `check`, `edit`; it
 *   overrules the link
 * @param {object} display of the link: height_m, distance_m, tour, takeover_s, sound, low_power
 * @returns {{wall: object, tour: number|null, seconds: number, sound: boolean, low: boolean|null, check: boolean, edit: string|null}}
 *   `low` is null where the page is to find out
 */
export function optionsOf(search, display = {}) {
  const query = new URLSearchParams(search);
  const said = {
    ...given(display ?? {}),
    ...given({
      height_m: number(query.get('height')), distance_m: number(query.get('distance')), tour: number(query.get('tour')),
      takeover_s: number(query.get('takeover')), sound: on(query.get('sound')), low_power: on(query.get('low')),
    }),
  };
  const edit = query.get('edit');
  return {
    wall: wallOf(said),
    tour: Number.isSafeInteger(said.tour) && said.tour > 0 ? said.tour : null,
    seconds: Math.min(LONGEST, Math.max(SHORTEST, Number(said.takeover_s) || SECONDS)),
    sound: said.sound ?? true,
    low: said.low_power ?? null,
    check: query.has('check'),
    edit: edit !== null && /^(new|[1-9]\d{0,14})$/.test(edit) ? edit : null,
  };
}
