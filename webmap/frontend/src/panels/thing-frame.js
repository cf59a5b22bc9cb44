/** What the cards of devices and facilities share: the frame, and what stands in it while there is nothing to show. */
import { html } from 'lit';
import { t } from '../i18n/index.js';
import { cardButtons } from './card-buttons.js';

/** The card in its frame; `content` draws what is open. */
export function thingFrame(panel, thing, name, content) {
  const { dossier } = panel.store.state;
  return html`
    <article class="panel card thing-card" tabindex="-1" aria-label=${t(`thing.${name}`)} data-testid="${name}-card" data-status=${thing.status}
      data-id=${thing.id} ?hidden=${dossier.status !== 'closed' && dossier.tab !== 'device'}>
      ${cardButtons(panel, name, () => panel.actions.opening.closeThing())}
      ${thing.status === 'open' ? content() : trouble(panel, thing, name)}
    </article>`;
}

function trouble(panel, { status, error }, name) {
  if (status === 'loading') {
    return html`<div role="status" aria-label=${t('thing.loading')} class="card-skeleton">
      <div class="skeleton wide"></div><div class="skeleton"></div><div class="skeleton block"></div></div>`;
  }
  if (status === 'missing') return html`<h2>${t(`thing.missing.${name}`)}</h2><p class="hint">${t('thing.missing.hint')}</p>`;
  if (status === 'forbidden') return html`<h2>${t('thing.forbidden')}</h2><p class="hint">${t('thing.forbidden.hint')}</p>`;
  return html`<h2>${t('thing.failed')}</h2>
    <p class="hint">${error.title} ${error.detail} ${error.cure}</p>
    <button type="button" data-testid="${name}-retry" @click=${() => panel.actions.thing.retry()}>${t('card.retry')}</button>`;
}

/** Rows of facts: `[name of the words, value]` each. */
export const facts = (rows) => html`
  <dl class="facts">${rows.filter(([, value]) => value).map(([name, value]) => html`
    <div><dt>${t(`thing.${name}`)}</dt><dd data-testid="thing-${name}">${value}</dd></div>`)}</dl>`;
