/** 访问链接: which browsers are a wall or a keeper's page, since when and until when; what can be done about it. */
import { html } from 'lit';
import { createRef, ref } from 'lit/directives/ref.js';
import { ago, dateTime, number } from '../../format.js';
import { pick, t } from '../../i18n/index.js';
import { Panel } from '../../panels/panel.js';
import { STATE_ICONS, called, isOver, listed, placeName } from './access-links.js';
import { askedWords, dialogOf } from './link-dialog.js';

const HEADS = ['kind', 'name', 'scope', 'state', 'opened', 'seen', 'expires', 'act'];

class LinksPanel extends Panel {
  static topics = ['accessLinks'];

  static interval = 30_000;

  #dialog = createRef();
  #asked = null;

  render() {
    const state = this.store.state.accessLinks;
    const over = state.list.filter(isOver).length;
    return html`
      <section class="panel sheet links" aria-labelledby="links-title" data-testid="links" data-status=${state.status}>
        <header class="sheet-head"><div><h2 id="links-title">${t('access.title')}</h2>
          <span class="hint">${t('access.open', { count: number(state.list.filter((link) => link.state === 'open').length) })}</span></div>
          <div class="sheet-tools">
            ${over ? html`<label class="check"><input type="checkbox" .checked=${state.over} data-testid="links-over"
              @change=${(event) => this.actions.links.showOver(event.target.checked)}><span>${t('access.over', { count: number(over) })}</span></label>` : ''}
            <button type="button" @click=${() => this.actions.links.again()}><shapan-icon name="retry"></shapan-icon>${t('access.again')}</button>
            <button type="button" class="primary" data-testid="link-new" @click=${() => this.actions.links.ask('make')}>
              <shapan-icon name="plus"></shapan-icon>${t('access.new')}</button></div></header>
        ${this.#content(state)}
        <dialog class="panel link-dialog" aria-labelledby="link-dialog-title" data-testid="link-dialog" data-kind=${state.dialog?.kind ?? ''} ${ref(this.#dialog)}
          @cancel=${(event) => { event.preventDefault(); this.actions.links.close(); }}>${state.dialog ? dialogOf(this, state) : ''}</dialog>
      </section>`;
  }

  /** The browser's own dialog: it keeps the focus inside, and gives it back. */
  updated() {
    const { dialog } = this.store.state.accessLinks;
    const element = this.#dialog.value;
    if (dialog !== null && !element.open) element.showModal();
    if (dialog === null && element.open) element.close();
    if (dialog !== this.#asked && dialog !== null) element.querySelector('[autofocus]')?.focus();
    this.#asked = dialog;
  }

  #content({ status, list, over, error, choices }) {
    if (status === 'failed') {
      return html`<div class="nothing" role="alert"><shapan-icon name="error"></shapan-icon><h3>${t('access.failed')}</h3>
        <p><b>${error.title}</b> ${error.detail} ${error.cure}</p></div>`;
    }
    if (status !== 'ready') {
      return html`<div role="status" aria-label=${t('access.loading')}>${[1, 2, 3, 4].map(() => html`<div class="skeleton row"></div>`)}</div>`;
    }
    const shown = listed(list, { over });
    if (shown.length === 0) {
      return html`<div class="nothing" data-testid="links-none"><shapan-icon name="key"></shapan-icon><h3>${t('access.none')}</h3><p>${t('access.none.hint')}</p></div>`;
    }
    return html`<div class="sheet-scroll" tabindex="-1"><table class="sheet-table">
      <thead><tr>${HEADS.map((head) => html`<th scope="col">${t(`access.${head}`)}</th>`)}</tr></thead>
      <tbody>${shown.map((link) => this.#link(link, choices))}</tbody></table></div>`;
  }

  #link(link, { areas, tours, keepers }) {
    const { id, kind, state } = link;
    return html`
      <tr data-link=${id} data-state=${state} data-testid="link">
        <td><span class="link-kind"><shapan-icon name=${kind === 'kiosk' ? 'screen' : 'keeper'}></shapan-icon>${t(`access.kind.${kind}`)}</span><small>#${id}</small></td>
        <th scope="row">${called(link, keepers)}${
          kind === 'keeper' ? html`<small>${link.keeper}</small>` : ''}${kind === 'kiosk' ? html`<small>${this.#told(link.display, tours)}</small>` : ''}</th>
        <td>${kind === 'keeper' ? t('access.scope.keeper') : link.places.map((place) => html`${place === '' ? t('access.scope.all') : placeName(place, areas, pickName)} `)}</td>
        <td><span class="link-state" data-state=${state}><shapan-icon name=${STATE_ICONS[state]}></shapan-icon>${t(`access.state.${state}`)}</span>${
          state === 'waiting' ? html`<small>${t('access.waits', { until: this.#at(link.link_expires_at) })}</small>` : ''}</td>
        <td>${this.#ago(link.opened_at)}<small>${t('access.made', { account: link.account, at: this.#at(link.created_at) })}</small></td>
        <td>${this.#ago(link.seen_at)}</td>
        <td>${state === 'revoked' ? this.#ago(link.revoked_at) : html`<time>${this.#at(link.expires_at)}</time>`}</td>
        <td class="link-acts">${state === 'revoked' ? '' : html`
          ${kind === 'kiosk' ? this.#act('change', 'pencil', link) : ''}${this.#act('renew', 'retry', link)}${this.#act('revoke', 'ban', link)}`}</td>
      </tr>`;
  }

  #act(kind, icon, link) {
    return html`<button type="button" class="quiet" aria-label="${t(`access.${kind}`)} ${link.name}" data-testid="link-${kind}"
      @click=${() => this.actions.links.ask(kind, link)}><shapan-icon name=${icon}></shapan-icon>${t(`access.${kind}`)}</button>`;
  }

  #told(display, tours) {
    return askedWords(display, tours).join(' · ');
  }

  #ago(at) {
    return at ? html`<time title=${dateTime(at, this.config.timeZone)}>${ago(at, this.store.now())}</time>` : '—';
  }

  #at(at) {
    return dateTime(at, this.config.timeZone).slice(0, 16);
  }
}

const pickName = ({ name, name_en: english }) => pick({ 'zh-CN': name, en: english || name });

customElements.define('shapan-links-panel', LinksPanel);
