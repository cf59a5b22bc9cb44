/** Numbers, times and places as a person reads them, in the current language. */
import { language, t } from './i18n/index.js';

const formatters = new Map();

function formatter(Kind, options) {
  const key = `${Kind.name}|${language()}|${JSON.stringify(options)}`;
  if (!formatters.has(key)) formatters.set(key, new Kind(language(), options));
  return formatters.get(key);
}

/** 50231 → "50,231". Anything that is not a finite number → "—". */
export function number(value, digits = 0) {
  if (value === null || value === undefined || !Number.isFinite(Number(value))) return '—';
  return formatter(Intl.NumberFormat, { maximumFractionDigits: digits }).format(Number(value));
}

/** 1234567 → "123.5万" or "1.2M": where there is no room for all digits. */
export function shortNumber(value) {
  return Number.isFinite(value) ? formatter(Intl.NumberFormat, { notation: 'compact', maximumFractionDigits: 1 }).format(value) : '—';
}

/** 0.4 → "40%". */
export function percent(share) {
  return `${number(Math.round(share * 100))}%`;
}

/** 1204 metres → "1.2 km", 262 → "260 m": two digits, as for the side of a cell. */
export function distance(metres) {
  const rounded = Number(Number(metres).toPrecision(2));
  return rounded < 1000 ? t('unit.metres', { value: number(rounded) }) : t('unit.kilometres', { value: number(rounded / 1000, 1) });
}

/** Metres as they were measured: 12.3 m, 345 m, 1.234 km. */
export function lengthWords(metres) {
  if (metres < 1000) return t('unit.metres', { value: number(metres, metres < 100 ? 1 : 0) });
  return t('unit.kilometres', { value: number(metres / 1000, metres < 10_000 ? 3 : 2) });
}

/** Square metres as they were measured: 812 m², 1.24 ha, 3.456 km². */
export function areaWords(squareMetres) {
  if (squareMetres < 10_000) return t('measure.square.metres', { value: number(squareMetres, squareMetres < 100 ? 1 : 0) });
  if (squareMetres < 1e6) return t('measure.hectares', { value: number(squareMetres / 10_000, 2) });
  return t('measure.square.kilometres', { value: number(squareMetres / 1e6, 3) });
}

/** Milliseconds since 1970 of an ISO text, a number of seconds or of milliseconds; NaN when unreadable. */
export function instant(value) {
  if (typeof value === 'number') return value < 1e11 ? value * 1000 : value;
  return typeof value === 'string' ? Date.parse(value) : NaN;
}

/** "2026-05-09 07:29:51" in `timeZone`; "—" when unreadable. */
export function dateTime(value, timeZone) {
  const at = instant(value);
  if (Number.isNaN(at)) return '—';
  const parts = Object.fromEntries(
    formatter(Intl.DateTimeFormat, {
      timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
      hour: '2-digit', minute: '2-digit', second: '2-digit',
    }).formatToParts(at).map(({ type, value: text }) => [type, text]),
  );
  return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}:${parts.second}`;
}

/** "07:29:51". */
export function timeOfDay(value, timeZone) {
  return dateTime(value, timeZone).slice(11) || '—';
}

/** "07:29". */
export function hourMinute(value, timeZone) {
  return timeOfDay(value, timeZone).slice(0, 5);
}

/** "05-09 07:29", for the ends of a time window. */
export function shortDateTime(value, timeZone) {
  return dateTime(value, timeZone).slice(5, 16) || '—';
}

/** "2026年5月9日 星期六" or "Saturday 9 May 2026". */
export function longDate(value, timeZone) {
  return formatter(Intl.DateTimeFormat, { timeZone, dateStyle: 'full' }).format(value);
}

function span(seconds) {
  if (seconds < 60) return ['seconds', Math.floor(seconds)];
  if (seconds < 3600) return ['minutes', Math.floor(seconds / 60)];
  if (seconds < 86400) return ['hours', Math.floor(seconds / 3600)];
  return ['days', Math.floor(seconds / 86400)];
}

/** "3 分钟前" for an instant in the past; "刚刚" below five seconds and for a clock that runs ahead. */
export function ago(value, now) {
  const seconds = (now - instant(value)) / 1000;
  if (!Number.isFinite(seconds)) return '—';
  if (seconds < 5) return t('time.now');
  const [unit, count] = span(seconds);
  return t(`time.${unit}.ago`, { count });
}

/** "12 秒", the length of a time in milliseconds. */
export function duration(milliseconds) {
  const [unit, count] = span(Math.max(0, milliseconds) / 1000);
  return t(`time.${unit}`, { count });
}

/** Where an alarm is inside its building: "2单元 12层 1203室"; empty when nothing is known. */
export function placeInBuilding({ unit, floor, room }) {
  const parts = [];
  if (unit) parts.push(t('place.unit', { unit }));
  if (Number.isFinite(floor) && floor !== null) {
    parts.push(floorWords(floor));
  }
  if (room) parts.push(t('place.room', { room }));
  return parts.join(' ');
}

/** "12层", "地下1层". */
export function floorWords(floor) {
  return floor < 0 ? t('place.basement', { floor: -floor }) : t('place.floor', { floor });
}
