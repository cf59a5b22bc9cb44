/** What is wrong with the picture, or what to do where there is none. */
import { html } from 'lit';
import { t } from '../../i18n/index.js';
import { Block } from './wall-block.js';

class WallNotice extends Block {
  static topics = ['scene', 'view', 'wall', 'figures'];

  render() {
    const { scene: { status, error, bounds }, wall: { broken, kpiError, linkTrouble } } = this.store.state;
    if (linkTrouble) return this.#say('error', linkTrouble, '');
    if (document.documentElement.dataset.webgl === 'none') return this.#say('error', t('wall.no.webgl'), t('wall.no.webgl.hint'));
    if (this.actions.options.edit !== null && !this.actions.editing) return this.#say('error', t('tours.refused'), t('tours.refused.hint'));
    if (status === 'error') return this.#say('error', error?.title ?? '', t('wall.retrying'));
    if (broken) return this.#say('error', t('wall.lost'), t(this.actions.editing ? 'wall.lost.edit' : 'wall.lost.hint'));
    if (status === 'ready' && bounds === null && !this.figures.recorded) return this.#say('building', t('wall.empty'), t('wall.empty.hint'));
    if (kpiError?.status === 401) return this.#say('key', t('wall.nobody'), t('wall.nobody.hint'));
    if (kpiError) return this.#say('error', t('wall.figures.old'), t('wall.retrying'));
    return '';
  }

  #say(icon, title, hint) {
    return html`<p class="wall-notice" role="status" data-testid="notice"><shapan-icon name=${icon}></shapan-icon><b>${title}</b><span>${hint}</span></p>`;
  }
}
customElements.define('shapan-wall-notice', WallNotice);
