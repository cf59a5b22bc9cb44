/** 灾害预警: which warning is worse, what it says in the page's language, and where it lies. Pure. */
import { hourMinute, instant, shortDateTime } from '../format.js';
import { language, named, t } from '../i18n/index.js';

/** Severities of CAP 1.2, from worst to least. */
export const LEVELS = ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'];

/** Colours that have a token; a warning of another one, or of none, is grey. */
const COLOURS = ['red', 'orange', 'yellow', 'blue'];

const CATEGORY_ICONS = {
  Geo: 'mountain', Met: 'storm', Safety: 'hazard', Security: 'shield', Rescue: 'rescue', Fire: 'smoke',
  Health: 'health', Env: 'leaf', Transport: 'traffic', Infra: 'utility', CBRNE: 'biohazard',
};

/** Shapes of `<shapan-severity>`: a level is told by its shape before its colour, as the severity of an alarm is. */
const SHAPES = { Extreme: 'critical', Severe: 'major', Moderate: 'minor', Minor: 'warning', Unknown: 'info' };

/** One of LEVELS. */
export const levelOf = ({ severity }) => (LEVELS.includes(severity) ? severity : 'Unknown');

/** 'red', 'orange', 'yellow', 'blue' or 'grey'. An exercise has no colour: it is never to look like a warning. */
export function colourOf({ colour, real }) {
  return real && COLOURS.includes(colour?.code) ? colour.code : 'grey';
}

export const shapeOf = (warning) => SHAPES[levelOf(warning)];

export const iconOf = ({ categories }) => CATEGORY_ICONS[categories?.[0]] ?? 'partial';

/** What it is at `now`, milliseconds since 1970: a warning ends at its time, also where nobody is there to say so. */
export function stateOf({ state, ends_at: end }, now) {
  return state === 'in_force' && instant(end) <= now ? 'ended' : state;
}

export const isInForce = (warning, now) => stateOf(warning, now) === 'in_force';

/** Negative when `one` goes first: real ones before exercises, then the worst, then what began last. */
export function compareWarnings(one, other) {
  return other.real - one.real || LEVELS.indexOf(levelOf(one)) - LEVELS.indexOf(levelOf(other))
    || instant(other.begins_at) - instant(one.begins_at) || other.id - one.id;
}

export const inOrder = (warnings) => [...warnings].sort(compareWarnings);

const tongue = (code) => String(code ?? '').toLowerCase().split('-')[0];

/** `{ language, event, headline, description, instruction }` in the language of the page, where the sender wrote in it. */
export function textsOf(warning) {
  const fitting = [warning, ...(warning.texts ?? [])].find((one) => tongue(one.language) === tongue(language()));
  return fitting ?? warning;
}

/** "橙色预警"; a warning without a colour is a warning all the same. */
export function colourWords({ colour }) {
  return colour ? t('warning.colour', { colour: named(colour) }) : t('warning.colour.none');
}

/** 演练, 测试, 系统消息; empty for a real one. */
export const unrealWords = ({ real, status }) => (real ? '' : t(`warning.status.${status}`));

/** "15:00" of the day that `now` has in `timeZone`, else "07-02 15:00". */
export function untilWords(end, now, timeZone) {
  const sameDay = shortDateTime(end, timeZone).slice(0, 5) === shortDateTime(now, timeZone).slice(0, 5);
  return sameDay ? hourMinute(end, timeZone) : shortDateTime(end, timeZone);
}

/** All of a warning as one sentence, for who hears the page. */
export function spokenWords(warning, now, timeZone) {
  return t('warning.spoken', {
    unreal: unrealWords(warning), event: textsOf(warning).event, colour: colourWords(warning), area: warning.area_desc ?? '',
    until: untilWords(warning.ends_at, now, timeZone),
  }).trim();
}

/** [west, south, east, north] of a Polygon or MultiPolygon, degrees; null where there is nothing. */
export function boundsOf(geometry) {
  const points = (geometry?.coordinates ?? []).flat(geometry?.type === 'MultiPolygon' ? 2 : 1);
  if (points.length === 0) return null;
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of points) {
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

/** The part of `bounds` that lies in `city`; all of `bounds` where they do not meet. */
export function boundsWithin(bounds, city) {
  if (!city) return bounds;
  const box = [0, 1, 2, 3].map((at) => Math[at < 2 ? 'max' : 'min'](bounds[at], city[at]));
  return box[0] < box[2] && box[1] < box[3] ? box : bounds;
}
