/** What the colours of events mean, by how they are drawn. Pure. */
import { eventWords } from './event-terms.js';
import { distance, number } from '../format.js';
import { t } from '../i18n/index.js';
import { classToken, countToken, differenceToken } from '../layers/events.js';

/** "5", "5 – 9" or "≥ 50", from one break to before the next. */
function rangeWords(least, next) {
  if (next === undefined) return `≥ ${number(least)}`;
  return next - least === 1 ? number(least) : `${number(least)} – ${number(next - 1)}`;
}

/**
 * @param {object} legend as Events.legend() gives it: { drawn, width?, breaks? }
 * @param {Map<string, object>} classes code → class of events
 * @returns {{title: string, entries: {token: string, words: string}[]}} tokens of tokens.css; no entries for heat, whose
 *   colours the scene has
 */
export function legendEntries({ drawn, width, breaks }, classes) {
  if (drawn === 'hexagons') {
    return {
      title: t('events.hexagons', { width: distance(width) }),
      entries: breaks.map((least, index) => ({ token: countToken(least, breaks), words: rangeWords(least, breaks[index + 1]) })),
    };
  }
  if (drawn === 'differences') {
    const ranges = [...breaks].sort((one, other) => one - other).map((size, index, rising) => [size, rangeWords(size, rising[index + 1])]);
    const side = (sign, mark) => ranges.map(([size, words]) => ({ token: differenceToken(sign * size, breaks), words: `${mark} ${words}` }));
    return { title: t('events.differences', { width: distance(width) }), entries: [...side(1, '+').reverse(), ...side(-1, '−')] };
  }
  if (drawn === 'points') {
    const majors = [...classes.values()].filter(({ code }) => code.length === 2);
    return { title: t('events.points'), entries: majors.map(({ code }) => ({ token: classToken(code), words: eventWords(classes, code) })) };
  }
  return { title: '', entries: [] };
}
