/** The words of a legend that the server declares. Pure. */
import { number } from './format.js';
import { pick, t, term } from './i18n/index.js';
import { classRange } from './scene-functions.js';

/** The words of one class. */
export function classWords(entry) {
  if (entry.label) return pick(entry.label);
  if (entry.value !== undefined) return term('use', entry.value);
  return classRange(entry, number);
}

/** A legend as a picture shows it: title with unit, and a line for each class. */
export function legendLines(legend) {
  const unit = pick(legend.unit);
  return {
    title: [pick(legend.title), unit ? t('legend.unit', { unit }) : ''].filter(Boolean).join(' '),
    lines: [
      ...legend.classes.map((entry) => ({ color: entry.color, label: classWords(entry), count: entry.count })),
      ...(legend.noData ? [{ color: legend.noData, label: t('legend.none') }] : []),
    ],
  };
}
