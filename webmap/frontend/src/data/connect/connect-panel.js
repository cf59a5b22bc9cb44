/** 接入: what an account needs, steps in QGIS and ArcGIS, addresses to copy, files to load. */
import { html } from 'lit';
import { pick, t } from '../../i18n/index.js';
import { Panel } from '../../panels/panel.js';
import { saveFile } from '../csv.js';
import { featuresFile, ogcTiles, terrain, tileJson, tileset, vectorTiles, vectorTilesFile, xyz, xyzFile } from './connections.js';

const XML = 'application/xml';

class ConnectPanel extends Panel {
  static topics = ['layerCatalogue'];

  static properties = { copied: { state: true } };

  constructor() {
    super();
    this.copied = '';
  }

  render() {
    const { origin } = this.config;
    const { layers } = this.store.state.layerCatalogue;
    const of = (kind) => layers.filter((layer) => layer.kind === kind);
    const [vector, imagery, heights, models] = ['vector', 'imagery', 'terrain', 'models'].map(of);
    return html`
      <div class="connect" data-testid="connect">
        <section class="panel"><h2>${t('connect.account')}</h2>
          <p>${t('connect.account.sees', { roles: this.config.me.roles.map((role) => t(`role.${role}`)).join(t('list.comma')) })}</p>
          <p class="hint">${t('connect.account.how')}</p>
          <p class="hint">${t('connect.readonly')}</p></section>
        <section class="panel"><h2>${t('connect.qgis')}</h2>
          <ol class="steps">${[1, 2, 3].map((step) => html`<li>${t(`connect.qgis.${step}`)}</li>`)}</ol>
          ${this.#address('features', `${origin}/ogc`)}
          <p><button type="button" class="primary" data-testid="connect-wfs" @click=${() => saveFile('shapan-ogc-api-features.xml', featuresFile(t('app.name'), origin), XML)}>
            <shapan-icon name="download"></shapan-icon>${t('connect.file.features')}</button></p>
          <p class="hint">${t('connect.file.load')}</p></section>
        <section class="panel"><h2>${t('connect.tiles')}</h2>
          <ol class="steps">${[1, 2].map((step) => html`<li>${t(`connect.tiles.${step}`)}</li>`)}</ol>
          <p><button type="button" data-testid="connect-mvt" ?disabled=${vector.length === 0} @click=${() => saveFile('shapan-vector-tiles.xml',
            vectorTilesFile(t('app.name'), origin, vector.map(({ name, title }) => ({ name, title: pick(title) }))), XML)}>
            <shapan-icon name="download"></shapan-icon>${t('connect.file.tiles')}</button>
            ${imagery.length ? html`<button type="button" data-testid="connect-xyz" @click=${() => saveFile('shapan-xyz.xml', xyzFile(t('app.name'), origin, imagery), XML)}>
              <shapan-icon name="download"></shapan-icon>${t('connect.file.xyz')}</button>` : ''}</p>
          <p class="hint">${t('connect.tiles.hint')}</p></section>
        <section class="panel"><h2>${t('connect.arcgis')}</h2>
          <ol class="steps">${[1, 2].map((step) => html`<li>${t(`connect.arcgis.${step}`)}</li>`)}</ol>
          ${this.#address('arcgis', `${origin}/ogc`)}
          <h3>${t('connect.gdal')}</h3>${this.#address('gdal', `ogrinfo -so OAPIF:${origin}/ogc buildings`)}
          <h3>${t('connect.more')}</h3>
          ${this.#address('landing', `${origin}/ogc/collections`, true)}${this.#address('openapi', `${origin}/api/openapi.json`, true)}</section>
        <section class="panel wide"><h2>${t('connect.layers')}</h2>
          <table class="sheet-table"><thead><tr><th scope="col">${t('catalogue.layer')}</th><th scope="col">${t('connect.col.tiles')}</th><th scope="col">TileJSON</th><th scope="col">OGC API – Tiles</th></tr></thead>
            <tbody>${vector.map(({ name, title }) => html`<tr><th scope="row">${pick(title)}<small>${name}</small></th>
              <td>${this.#copy(`mvt-${name}`, vectorTiles(origin, name))}</td><td>${this.#copy(`json-${name}`, tileJson(origin, name))}</td><td>${this.#copy(`ogc-${name}`, ogcTiles(origin, name))}</td></tr>`)}
            ${imagery.map(({ name }) => html`<tr><th scope="row">${name}<small>XYZ</small></th><td colspan="3">${this.#copy(`xyz-${name}`, xyz(origin, name))}</td></tr>`)}
            ${heights.map(({ name }) => html`<tr><th scope="row">${name}<small>Terrain-RGB</small></th><td colspan="3">${this.#copy(`terrain-${name}`, terrain(origin, name))}</td></tr>`)}
            ${models.map(({ name }) => html`<tr><th scope="row">${name}<small>3D Tiles</small></th><td colspan="3">${this.#copy(`model-${name}`, tileset(origin, name))}</td></tr>`)}
            </tbody></table></section>
      </div>`;
  }

  #address(name, url, opens = false) {
    return html`<p class="address"><span>${t(`connect.address.${name}`)}</span>${this.#copy(name, url, opens)}</p>`;
  }

  #copy(name, url, opens = false) {
    return html`<span class="copy"><code data-testid="address-${name}">${opens ? html`<a href=${url} target="_blank" rel="noopener">${url}</a>` : url}</code>
      <button type="button" class="quiet icon-button" title=${t('connect.copy')} aria-label="${t('connect.copy')} ${url}" data-testid="copy-${name}"
        @click=${(event) => this.#copyText(event, name, url)}><shapan-icon name=${this.copied === name ? 'check' : 'copy'}></shapan-icon></button>
      <span class="unseen" role="status">${this.copied === name ? t('connect.copied') : ''}</span></span>`;
  }

  /** Browsers give a page of another computer the clipboard under https only: there the address is marked, to be copied by hand. */
  async #copyText({ currentTarget }, name, text) {
    const code = currentTarget.parentElement.querySelector('code');
    try {
      await navigator.clipboard.writeText(text);
      this.copied = name;
      setTimeout(() => { if (this.copied === name) this.copied = ''; }, 2000);
    } catch {
      getSelection().selectAllChildren(code);
    }
  }
}
customElements.define('shapan-connect-panel', ConnectPanel);
