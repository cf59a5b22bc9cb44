/** How a figure of a grid went on the days before. Pure. */
import { SEVERITIES } from '../alarms/alarm-terms.js';
import { rate } from './grid-figures.js';

/**
 * @param {Record<string, {days: {day: string, value: number|null}[]}>} measures as `/api/kpi` answers them
 * @param {string} figure one of FIGURES; without one the days of the alarms are shown
 * @param {string} kind of the entry rate
 * @param {number|null} declared total of that kind, as of today: what was declared on the days before is not kept
 * @returns {{day: string, value: number|null}[]} null for a day of which nothing was taken down
 */
export function trendOf(measures, figure, kind, declared) {
  if (figure === 'entry_rate') {
    return measures[`entered_${kind}`].days.map(({ day, value }) => ({ day, value: value === null ? null : rate(value, declared) }));
  }
  const names = figure === 'events_open' || figure === 'tasks_overdue' ? [figure] : SEVERITIES.map((name) => `alarms_${name}`);
  return measures[names[0]].days.map(({ day }, at) => {
    const values = names.map((name) => measures[name].days[at].value);
    return { day, value: values.includes(null) ? null : values.reduce((sum, value) => sum + value, 0) };
  });
}

/**
 * A line through the days: one path for each stretch of known days, in a box of 100 × 100 with 0 at the bottom.
 * @returns {{paths: string[], dots: {x: number, y: number}[], highest: number}} a stretch of one day is a dot
 */
export function lineThrough(days) {
  const known = days.map(({ value }) => value).filter((value) => value !== null);
  const highest = Math.max(0, ...known);
  const at = (index) => ({
    x: days.length > 1 ? (100 * index) / (days.length - 1) : 50,
    y: highest > 0 ? 100 - (100 * days[index].value) / highest : 100,
  });
  const stretches = [];
  days.forEach(({ value }, index) => {
    if (value === null) return;
    if (index > 0 && days[index - 1].value !== null) stretches.at(-1).push(at(index));
    else stretches.push([at(index)]);
  });
  const text = (points) => points.map(({ x, y }, index) => `${index ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  return {
    paths: stretches.filter(({ length }) => length > 1).map(text),
    dots: stretches.filter(({ length }) => length === 1).map(([point]) => point), highest,
  };
}
