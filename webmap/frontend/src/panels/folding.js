/** A panel of the left side whose content folds away under its title; which ones are folded is each browser's own. */
import { html } from 'lit';
import { t } from '../i18n/index.js';

/**
 * @param {import('./panel.js').Panel} panel
 * @param {string} name of the panel, in the store and in the words (`<name>.title`)
 * @param {() => object} content drawn only while it is open
 * @param {object} [beside] what stands beside the title, such as a switch
 */
export function folding(panel, name, content, beside = '') {
  const open = !panel.store.state.folded.has(name);
  return html`
    <section class="panel folding" aria-labelledby="${name}-title" ?data-open=${open}>
      <header>
        <h2 id="${name}-title"><button type="button" class="quiet fold" aria-expanded=${open} data-testid="fold-${name}"
          @click=${() => panel.actions.look.fold(name)}><shapan-icon name="chevron"></shapan-icon>${t(`${name}.title`)}</button></h2>
        ${beside}
      </header>
      ${open ? html`<div class="folded">${content()}</div>` : ''}
    </section>`;
}
