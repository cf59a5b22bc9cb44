/** The words of a legend that the server declares. Pure. */
import { number } from '../format.js';
import { pick, t, term } from '../i18n/index.js';
import { classRange } from '../map/scene-functions.js';

/** The words of one class. */
export function classWords(entry) {
  if (entry.label) return pick(entry.label);
  if (entry.value !== undefined) return term('use', entry.value);
  return classRange(entry, number);
}

/**
 * A legend as a picture shows it: title with unit, and a line for each class.
 * @param {object} legend as the server declares it
 * @param {{counts: {classes: number[], none: number}|null, colorOf?: (value: string) => number[],
 *   none?: string}} found `colorOf`: of a class that has no colour of its own, because live marks have it; `none`: words for what
 *   has no value
 */
export function legendLines(legend, { counts, colorOf, none: unknown }) {
  const unit = pick(legend.unit);
  const none = unknown ?? (legend.noDataLabel ? pick(legend.noDataLabel) : t('legend.none'));
  return {
    title: [pick(legend.title), unit ? t('legend.unit', { unit }) : ''].filter(Boolean).join(' '),
    lines: [
      ...legend.classes.map((entry, index) => ({
        color: entry.color ?? colorOf(entry.value), label: classWords(entry), count: counts?.classes[index],
      })),
      ...(legend.noData ? [{ color: legend.noData, hatched: legend.noDataHatched, label: none, count: counts?.none }] : []),
    ],
  };
}
