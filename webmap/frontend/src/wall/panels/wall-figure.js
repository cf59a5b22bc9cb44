/** One large figure with how it was before: what all blocks of numbers share. */
import { html, svg } from 'lit';
import { number, shortNumber } from '../../format.js';
import { t } from '../../i18n/index.js';
import { difference } from '../figures.js';
import { lineThrough } from '../../grids/grid-trend.js';

/** "+12" against yesterday, or a week ago where nobody knows yesterday; nothing where neither is known. */
export function changeWords({ value, yesterday, lastWeek }) {
  const [before, words] = yesterday === null ? [lastWeek, 'wall.than.week'] : [yesterday, 'wall.than.yesterday'];
  const more = difference(value, before);
  if (more === null) return '';
  return t(more === 0 ? `${words}.same` : words, { change: `${more > 0 ? '+' : '−'}${number(Math.abs(more))}` });
}

/** Fourteen days as a line: of numbers that are counted anew each day from 0, of what is on record from the least. */
export function spark({ days }, { fromZero = true } = {}) {
  const known = days.map(({ value }) => value).filter((value) => value !== null);
  if (known.length < 2) return '';
  const least = fromZero ? 0 : Math.min(...known);
  const { paths, dots } = lineThrough(days.map(({ day, value }) => ({ day, value: value === null ? null : value - least })));
  const last = days.at(-1).value === null ? null : days.at(-1).value - least;
  const most = Math.max(...known) - least;
  const end = last === null ? '' : svg`<circle cx="100" cy=${most > 0 ? 100 - (100 * last) / most : 100} r="0.01"/>`;
  return html`<svg class="wall-spark" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label=${t('wall.trend')}>
    ${paths.map((path) => svg`<path d=${path}/>`)}${dots.map(({ x, y }) => svg`<circle cx=${x} cy=${y} r="0.01"/>`)}${end}</svg>`;
}

/**
 * @param {string} name key of its words
 * @param {object} trend as Figures.trend tells it
 * @param {{fromZero?: boolean, about?: boolean}} [how] `about`: it is the lower end of a class
 */
export function figure(name, trend, { fromZero = true, about = false } = {}) {
  const { value } = trend;
  // Where the numbers stand alone, in one band, there is room for five digits.
  const write = document.documentElement.dataset.density === 'numbers' && value >= 100_000 ? shortNumber : number;
  return html`
    <div class="wall-figure" data-figure=${name}>
      <dt>${t(`wall.${name}`)}</dt>
      <dd data-testid="figure-${name}" data-value=${value ?? ''}>${write(value)}${about && value > 0 ? html`<small>+</small>` : ''}</dd>
      <dd class="wall-change">${changeWords(trend)}</dd>
      <dd class="wall-line">${spark(trend, { fromZero })}</dd>
    </div>`;
}
