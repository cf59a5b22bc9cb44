/** What is wrong or under way, over the map: loading, failed scene, missing tiles, empty city. */
import { html } from 'lit';
import { number } from '../format.js';
import { t } from '../i18n/index.js';
import { Panel } from './panel.js';

class Notices extends Panel {
  static topics = ['scene', 'counts', 'view', 'snapshot'];

  render() {
    const { scene, tileFailures, contextLost, counts, snapshot } = this.store.state;
    if (scene.status === 'error') return this.#failure(scene.error);
    return html`
      ${scene.status === 'loading' ? html`<p class="notice loading" role="status"><i class="spinner"></i>${
        t('scene.loading')}</p>` : ''}
      ${scene.status === 'ready' && counts.buildings === 0 ? html`<p class="notice" role="status">
        <b>${t('scene.empty')}</b> ${t('scene.empty.hint')}</p>` : ''}
      ${contextLost ? html`<p class="notice bad" role="alert">${t('context.lost')}</p>` : ''}
      ${snapshot.status === 'failed' ? html`<p class="notice bad" role="alert"><shapan-icon name="error"></shapan-icon>${
        t('snapshot.failed', { detail: snapshot.error.message })}</p>` : ''}
      ${tileFailures > 0 ? html`<p class="notice bad" role="alert" data-testid="tile-notice">
        <shapan-icon name="error"></shapan-icon>${t('tiles.failed', { count: number(tileFailures) })}
        <button type="button" @click=${() => this.actions.stage.reloadTiles()}>${t('tiles.retry')}</button></p>` : ''}`;
  }

  #failure(error) {
    return html`
      <div class="panel failure" role="alert" data-testid="scene-error">
        <shapan-icon name="error"></shapan-icon>
        <h2>${t('scene.failed')}</h2>
        <p><b>${error.title}</b></p>
        ${error.detail ? html`<p>${error.detail}</p>` : ''}
        ${error.cure ? html`<p>${error.cure}</p>` : ''}
        ${error.requestId ? html`<p><code>${error.requestId}</code></p>` : ''}
        <button type="button" class="primary" data-testid="scene-retry"
          @click=${() => this.actions.view.retry()}>${t('scene.retry')}</button>
      </div>`;
  }
}
customElements.define('shapan-notices', Notices);
