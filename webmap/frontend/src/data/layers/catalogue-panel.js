/** 图层目录: what is on record of each layer, how old it is, what its tiles hold. */
import { html } from 'lit';
import { ago, dateTime, number } from '../../format.js';
import { pick, t } from '../../i18n/index.js';
import { Panel } from '../../panels/panel.js';
import { byState, FRESHNESS_ICONS, interval, worstFirst } from './catalogue.js';

const HEADS = ['layer', 'count', 'freshness', 'newest', 'expected', 'import', 'zooms', 'fields'];

class CataloguePanel extends Panel {
  static topics = ['layerCatalogue'];

  static interval = 30_000;

  render() {
    const catalogue = this.store.state.layerCatalogue;
    return html`
      <section class="panel sheet catalogue" aria-labelledby="catalogue-title" data-testid="catalogue" data-status=${catalogue.status}>
        <header class="sheet-head"><div><h2 id="catalogue-title">${t('catalogue.title')}</h2>
          ${byState(catalogue.layers).map(([state, count]) => html`<span class="freshness" data-state=${state}>
            <shapan-icon name=${FRESHNESS_ICONS[state]}></shapan-icon>${t(`catalogue.${state}`)} ${number(count)}</span>`)}</div>
          <div class="sheet-tools"><button type="button" @click=${() => this.actions.catalogue.again()}>
            <shapan-icon name="retry"></shapan-icon>${t('catalogue.again')}</button></div></header>
        ${this.#content(catalogue)}
      </section>`;
  }

  #content({ status, layers, open, error }) {
    if (status === 'failed') {
      return html`<div class="nothing" role="alert"><shapan-icon name="error"></shapan-icon><h3>${t('catalogue.failed')}</h3>
        <p><b>${error.title}</b> ${error.detail} ${error.cure}</p></div>`;
    }
    if (layers.length === 0) {
      return html`<div role="status" aria-label=${t('catalogue.loading')}>${[1, 2, 3, 4, 5, 6].map(() => html`<div class="skeleton row"></div>`)}</div>`;
    }
    return html`
      <div class="sheet-scroll" tabindex="-1"><table class="sheet-table">
        <thead><tr>${HEADS.map((head) => html`<th scope="col" ?data-number=${head === 'count'} title=${head === 'freshness' ? t('catalogue.freshness.hint') : ''}>${t(`catalogue.${head}`)}</th>`)}</tr></thead>
        <tbody>${worstFirst(layers).map((layer) => this.#layer(layer, `${layer.kind}:${layer.name}` === open))}</tbody>
      </table>
      <p class="hint catalogue-note">${t('catalogue.note')} <code>SHAPAN_LAYER_DAYS</code></p></div>`;
  }

  #layer(layer, open) {
    const id = `${layer.kind}:${layer.name}`;
    const title = layer.kind === 'vector' ? pick(layer.title) : layer.name;
    return html`
      <tr data-layer=${layer.name} data-kind=${layer.kind} data-freshness=${layer.freshness}>
        <th scope="row">${title}<small>${layer.kind === 'vector' ? layer.name : pick(layer.title)}</small></th>
        <td data-number data-testid="layer-count" title=${this.#countHint(layer)}>${this.#count(layer)}</td>
        <td><span class="freshness" data-state=${layer.freshness}><shapan-icon name=${FRESHNESS_ICONS[layer.freshness]}></shapan-icon>${t(`catalogue.${layer.freshness}`)}</span></td>
        <td>${this.#time(layer.newest_at)}${layer.changed_at && layer.changed_at !== layer.newest_at ? html`<small>${t('catalogue.changed')} ${ago(layer.changed_at, this.store.now())}</small>` : ''}</td>
        <td>${this.#expected(layer)}</td>
        <td>${this.#import(layer)}</td>
        <td>${layer.minzoom}–${layer.maxzoom}${layer.cells ? html`<small title=${pick(layer.cells.title)}>${t('catalogue.cells', { zoom: layer.cells.below })}</small>` : ''}</td>
        <td>${layer.fields.length ? html`<button type="button" class="quiet in-cell" aria-expanded=${open} data-testid="layer-fields"
          @click=${() => this.actions.catalogue.open(id)}>${t('catalogue.fields.count', { count: layer.fields.length })}<shapan-icon name="chevron"></shapan-icon></button>`
          : layer.attribution ?? '—'}</td>
      </tr>
      ${open ? html`<tr class="fields-row"><td colspan=${HEADS.length}>${this.#fields(layer.fields)}
        ${layer.cells ? html`<h4>${pick(layer.cells.title)}</h4>${this.#fields(layer.cells.fields)}` : ''}</td></tr>` : ''}`;
  }

  #count({ count, exact, at_least: least, kind }) {
    if (kind !== 'vector') return '—';
    return exact ? number(count) : t(least ? 'catalogue.count.least' : 'catalogue.count.about', { count: number(count) });
  }

  #countHint({ exact, at_least: least }) {
    return exact ? t('catalogue.count.exact') : t(least ? 'catalogue.count.least.hint' : 'catalogue.count.about.hint');
  }

  #time(at) {
    return at ? html`<time title=${dateTime(at, this.config.timeZone)}>${ago(at, this.store.now())}</time>` : t('catalogue.never');
  }

  #expected({ expected_days: days }) {
    const [unit, count] = interval(days);
    return t(`catalogue.every.${unit}`, { count: number(count, 1) });
  }

  #import({ last_import: last }) {
    if (!last) return t('catalogue.import.none');
    return html`${this.#time(last.at)}<small>${t('catalogue.import.rows', {
      inserted: number(last.inserted), updated: number(last.updated), unchanged: number(last.unchanged) })}${
      last.rejected ? ` · ${t('catalogue.import.rejected', { count: number(last.rejected) })}` : ''}</small>`;
  }

  #fields(fields) {
    return html`<dl class="fields">${fields.map(({ name, kind, minzoom, description }) => html`<div><dt><code>${name}</code><small>${kind}${
      minzoom ? ` · ${t('catalogue.from', { zoom: minzoom })}` : ''}</small></dt><dd>${pick(description)}</dd></div>`)}</dl>`;
  }
}
customElements.define('shapan-catalogue-panel', CataloguePanel);
