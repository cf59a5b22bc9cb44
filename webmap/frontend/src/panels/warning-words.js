/** What strip and details of a warning have in common. */
import { html } from 'lit';
import { colourOf, colourWords, iconOf, shapeOf, textsOf, unrealWords } from '../warnings/warning-terms.js';

/** Shape and picture of a warning; `large` at the head of a card, which says how large. */
export const warningSign = (warning, { large = false } = {}) => html`
  <span class="warning-sign ${large ? 'large' : ''}" aria-hidden="true"><shapan-severity severity=${shapeOf(warning)}></shapan-severity>
    <shapan-icon name=${iconOf(warning)}></shapan-icon></span>`;

/** Sign, what it is, and the word of its colour; what is no real warning says so first. */
export function warningBadge(warning) {
  const unreal = unrealWords(warning);
  const { event } = textsOf(warning);
  return html`
    <span class="warning-badge" data-colour=${colourOf(warning)} data-real=${warning.real}>
      ${warningSign(warning)}
      ${unreal ? html`<b class="warning-unreal">${unreal}</b>` : ''}
      <b class="warning-event" title=${event}>${event}</b>
      <span class="warning-colour">${colourWords(warning)}</span></span>`;
}
