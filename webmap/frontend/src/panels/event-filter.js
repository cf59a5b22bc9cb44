/** 筛选: which events are shown: state, where they came from, classes with their numbers in the window. */
import { html } from 'lit';
import { number } from '../format.js';
import { t } from '../i18n/index.js';
import { sumBy } from '../events/event-columns.js';
import { classToken } from '../layers/events.js';
import { ORIGINS } from '../url-state.js';
import { eventWords } from '../events/event-terms.js';
import { variables } from './panel.js';

const STATES = [['all', null], ['open', false], ['finished', true]];

export const isFiltered = ({ classes, origins, finished }) => classes.length > 0 || origins.length > 0 || finished !== null;

/** Whether more is filtered than the classes that the account above shows as chosen. */
const isBeyondClasses = ({ classes, origins, finished }) => isFiltered({ classes: classes.filter((code) => code.length === 2), origins, finished });

/** The list with a word put in or taken out. */
const toggled = (words, word) => (words.includes(word) ? words.filter((one) => one !== word) : [...words, word].sort());

/** A class stands for those below it: choosing it takes the place of them. */
export function chosen(classes, code) {
  const rest = classes.filter((one) => one === code || (!one.startsWith(code) && !code.startsWith(one)));
  return toggled(rest, code);
}

export function eventFilter(panel) {
  const { eventView: { filter } } = panel.store.state;
  const { events } = panel.actions;
  const counts = events.window.counts();
  return html`
    <details class="event-filter" ?open=${isBeyondClasses(filter)}>
      <summary data-testid="filter-open"><shapan-icon name="filter"></shapan-icon>${t('events.filter')}${
        isFiltered(filter) ? html`<b class="filter-on">${t('events.filter.on')}</b>` : ''}<shapan-icon class="chevron" name="chevron"></shapan-icon></summary>
      <div class="segmented thirds" role="radiogroup" aria-label=${t('events.state')}>
        ${STATES.map(([name, finished]) => html`<button type="button" role="radio" aria-checked=${filter.finished === finished}
          data-testid="state-${name}" @click=${() => events.filter({ finished })}>${t(`events.${name === 'all' ? 'any' : name}`)}</button>`)}
      </div>
      ${origins(filter, counts, events)}
      ${classes(panel, filter, counts)}
      ${isFiltered(filter) ? html`<button type="button" class="quiet" data-testid="filter-clear"
        @click=${() => events.filter({ classes: [], origins: [], finished: null })}>${t('events.filter.clear')}</button>` : ''}
    </details>`;
}

function origins(filter, counts, events) {
  const sums = sumBy(counts, { ...filter, origins: [] }, (_, origin) => [origin]);
  return html`<div class="event-origins" role="group" aria-label=${t('events.origin')}>
    ${ORIGINS.map((origin) => html`<button type="button" class="chip" aria-pressed=${filter.origins.includes(origin)}
      data-testid="origin-${origin}" @click=${() => events.filter({ origins: toggled(filter.origins, origin) })}>
      ${t(`origin.${origin}`)} <small>${number(sums.get(origin) ?? 0)}</small></button>`)}
  </div>`;
}

function classes(panel, filter, counts) {
  const { eventClasses } = panel.store.state;
  const sums = sumBy(counts, { ...filter, classes: [] }, (code) => [code?.slice(0, 2) ?? '', code ?? '']);
  const majors = [...new Set([...eventClasses.keys(), ...sums.keys()].map((code) => code.slice(0, 2)))].sort();
  const below = (major) => [...sums.keys()].filter((code) => code.length > 2 && code.startsWith(major)).sort();
  const box = (code) => html`<label class="event-class">
    <input type="checkbox" data-testid="class-${code}" .checked=${filter.classes.some((one) => code.startsWith(one))}
      .indeterminate=${filter.classes.some((one) => one !== code && one.startsWith(code))}
      @change=${() => panel.actions.events.filter({ classes: chosen(filter.classes, code) })}>
    ${code.length === 2 ? html`<i class="point-swatch" ${variables({ swatch: `var(--${classToken(code)})` })}></i>` : ''}
    <span>${eventWords(eventClasses, code)}</span><b>${number(sums.get(code) ?? 0)}</b></label>`;
  return html`<ul class="event-classes" aria-label=${t('events.class')}>
    ${majors.map((major) => html`<li>
      ${below(major).length === 0 ? box(major) : html`<details ?open=${filter.classes.some((one) => one.length > 2 && one.startsWith(major))}>
        <summary>${box(major)}<shapan-icon class="chevron" name="chevron"></shapan-icon></summary>
        <ul>${below(major).map((minor) => html`<li>${box(minor)}</li>`)}</ul></details>`}</li>`)}
  </ul>`;
}
