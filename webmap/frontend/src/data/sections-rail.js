/** The rail at the left: the sections that the account may open. */
import { html } from 'lit';
import { t } from '../i18n/index.js';
import { number } from '../format.js';
import { Panel } from '../panels/panel.js';
import { allowed } from './sections.js';

class SectionsRail extends Panel {
  static topics = ['view', 'conflicts'];

  render() {
    const { view } = this.store.state;
    return html`<nav aria-label=${t('data.sections')}>${allowed(this.config.urls).map(({ name, icon }) => html`
      <a href=${`?view=${name}`} aria-current=${name === view ? 'page' : 'false'} title=${t(`data.section.${name}.hint`)} data-testid="section-${name}"
        @click=${(event) => this.#show(event, name)}><shapan-icon name=${icon}></shapan-icon><span>${t(`data.section.${name}`)}</span>${name === 'survey' ? this.#open() : ''}</a>`)}</nav>`;
  }

  /** How many conflicts of surveys wait for a decision. */
  #open() {
    const { open } = this.store.state.conflicts;
    return open ? html`<b class="rail-count" data-testid="conflicts-count" aria-label=${t('conflicts.count', { count: number(open) })}>${open > 99 ? '99+' : open}</b>` : '';
  }

  #show(event, name) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return; // in a tab of its own
    event.preventDefault();
    this.actions.show(name);
  }
}
customElements.define('shapan-sections-rail', SectionsRail);
