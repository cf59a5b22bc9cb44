/** What is wrong or under way, over the map: loading, failed scene, missing tiles, empty city. */
import { html } from 'lit';
import { number } from '../format.js';
import { language, t } from '../i18n/index.js';
import { Panel } from './panel.js';

class Notices extends Panel {
  static topics = ['scene', 'counts', 'view', 'snapshot'];

  render() {
    const { scene, tileFailures, contextLost, counts, snapshot } = this.store.state;
    if (scene.status === 'error') return this.#failure(scene.error);
    return html`
      ${scene.status === 'loading' ? html`<p class="notice loading" role="status"><i class="spinner"></i>${
        t('scene.loading')}</p>` : ''}
      ${scene.status === 'ready' && counts.buildings === 0 ? this.#empty() : ''}
      ${contextLost ? html`<p class="notice bad" role="alert">${t('context.lost')}</p>` : ''}
      ${snapshot.status === 'failed' ? html`<p class="notice bad" role="alert"><shapan-icon name="error"></shapan-icon>${
        t('snapshot.failed', { detail: snapshot.error.message })}</p>` : ''}
      ${tileFailures > 0 ? html`<p class="notice bad" role="alert" data-testid="tile-notice">
        <shapan-icon name="error"></shapan-icon>${t('tiles.failed', { count: number(tileFailures) })}
        <button type="button" @click=${() => this.actions.stage.reloadTiles()}>${t('tiles.retry')}</button></p>` : ''}`;
  }

  #empty() {
    const { urls } = this.config;
    return html`
      <div class="panel failure" role="status" data-testid="scene-empty">
        <shapan-icon name="building"></shapan-icon>
        <h2>${t('scene.empty')}</h2>
        <p>${t('scene.empty.hint')}</p>
        <p><code>shapan import all city.gpkg</code></p>
        ${urls.data ? html`<a class="page-link" href=${`${urls.data}?lang=${language()}`}><shapan-icon name="upload"></shapan-icon>${
          t('scene.empty.upload')}</a>` : ''}
      </div>`;
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
