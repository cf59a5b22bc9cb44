/** The worklist on paper: a table for each building, with room to write. It is in the page only while it is printed. */
import { html } from 'lit';
import { floorWords, number } from '../../format.js';
import { t } from '../../i18n/index.js';
import { printedWords } from '../printed.js';
import { lacks } from './room-building.js';
import { lines } from './worklist.js';

/** @param {import('../../panels/panel.js').Panel} panel @param {{place: string, keeper: string|null, groups: object[]}} work */
export function paper(panel, { place, keeper, groups }) {
  return html`
    <div class="paper" data-testid="paper">
      <h1>${t('worklist.paper.title', { place })}</h1>
      <p>${[keeper && t('worklist.paper.keeper', { keeper }), printedWords(panel)].filter(Boolean).join(' · ')}</p>
      ${groups.map((group) => html`
        <section>
          <h2>${group.name} <small>${group.code}</small></h2>
          <table>
            <thead><tr>${['unit', 'floor', 'room', 'missing', 'visited', 'note'].map((name) => html`<th scope="col" data-col=${name}>${t(`worklist.paper.${name}`)}</th>`)}</tr></thead>
            <tbody>${lines([group]).map((line) => html`<tr>
              <td>${line.unit ?? ''}</td><td>${line.floor === null ? t('visit.gap') : floorWords(line.floor)}</td><td>${line.room ?? ''}</td>
              <td>${line.room === null ? t('worklist.gap', { missing: number(line.lacks), recorded: number(line.recorded), expected: number(line.expected) }) : lacks(line.missing)}</td>
              <td><i class="tick-box"></i></td><td></td></tr>`)}</tbody>
          </table>
        </section>`)}
      <p class="sign">${t('worklist.paper.sign')}</p>
    </div>`;
}
