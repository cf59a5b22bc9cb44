/** On a computer that cannot draw the map, in its place: why, and what to do. List, dossier and steps are as ever. */
import { html } from 'lit';
import { t } from '../i18n/index.js';
import { Panel } from './panel.js';

class NoWebgl extends Panel {
  render() {
    return html`
      <section class="panel no-webgl" data-testid="no-webgl">
        <shapan-icon name="tilt"></shapan-icon>
        <div><h2>${t('nowebgl.title')}</h2>
          <p>${t('nowebgl.detail')}</p>
          <p class="hint">${t('nowebgl.cure')}</p></div>
      </section>`;
  }
}
customElements.define('shapan-no-webgl', NoWebgl);
