/** What blocks of the wall share: a title, and the figures as they are now. */
import { html } from 'lit';
import { t } from '../../i18n/index.js';
import { Figures } from '../figures.js';
import { Panel } from '../../panels/panel.js';

export class Block extends Panel {
  static topics = ['wall', 'figures'];

  get figures() {
    const { rollUp } = this.actions;
    return new Figures(this.store.state.wall.kpi, rollUp.known ? rollUp.counts() : null);
  }

  block(name, content, beside = '') {
    return html`<section class="wall-block" aria-labelledby="wall-${name}"><header><h2 id="wall-${name}">${t(`wall.${name}.title`)}</h2>${beside}</header>
      ${content}</section>`;
  }
}
