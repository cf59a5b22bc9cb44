/** The box that finds things by name, address, code or pinyin, and the list under it. */
import { html } from 'lit';
import { language, t } from '../i18n/index.js';
import { cutAt } from '../search/search.js';
import { Panel } from './panel.js';

const ICONS = {
  area: 'grid', grid: 'grid', building: 'building', organisation: 'office', facility: 'facility', device: 'sensor', place: 'pin', keeper: 'keeper',
};

class SearchBox extends Panel {
  static topics = ['search'];

  render() {
    const { text, open, chosen } = this.store.state.search;
    return html`
      <div class="search" role="search" data-testid="search" ?data-open=${open}>
        <shapan-icon name="search"></shapan-icon>
        <input type="search" role="combobox" data-testid="search-text" autocomplete="off" spellcheck="false" maxlength="64"
          placeholder=${t('search.placeholder')} aria-label=${t('search.label')} aria-expanded=${open} aria-controls="search-list"
          aria-autocomplete="list" aria-activedescendant=${open && chosen >= 0 ? `search-${chosen}` : ''} .value=${text}
          @input=${(event) => this.actions.search.type(event.target.value)} @focus=${() => this.actions.search.show()}
          @keydown=${(event) => this.#key(event)}>
        <kbd aria-hidden="true">/</kbd>
        ${open ? this.#list() : ''}
      </div>`;
  }

  #key(event) {
    const { search } = this.actions;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.isComposing) return; // Enter and arrows belong to the input method
    if (event.key in moves) search.move(moves[event.key]);
    else if (event.key === 'Enter') search.take();
    else return;
    event.preventDefault();
  }

  #list() {
    const { status, results, chosen, error, text } = this.store.state.search;
    if (status === 'found' || (status === 'waiting' && results.length)) {
      return html`<ul id="search-list" role="listbox" aria-label=${t('search.results')} ?data-old=${status === 'waiting'}>
        ${results.map((found, index) => this.#found(found, index === chosen, index, text))}</ul>`;
    }
    const words = {
      short: () => t('search.short'),
      waiting: () => t('search.waiting'),
      nothing: () => html`${t('search.nothing', { text: text.trim() })}<small>${t('search.nothing.hint')}</small>`,
      failed: () => html`<span class="bad">${error.title}</span><small>${error.detail} ${error.cure}</small>
        <button type="button" @click=${() => this.actions.search.retry()}>${t('search.retry')}</button>`,
    };
    return html`<div id="search-list" role="status" class="search-words" data-testid="search-words">${words[status]?.() ?? ''}</div>`;
  }

  #found(found, chosen, index, text) {
    const [before, same, after] = cutAt(found.label, text);
    const also = language() === 'en' || /\p{Script=Han}/u.test(found.also ?? '') ? found.also : null; // a name in English
    const where = [also, found.area_name].filter((one) => one && one !== found.label).join(' · ');
    return html`
      <li id="search-${index}" role="option" aria-selected=${chosen} data-kind=${found.kind} data-id=${found.id}
        @mousedown=${(event) => event.preventDefault()} @click=${() => this.actions.search.go(found)}>
        <shapan-icon name=${ICONS[found.kind] ?? 'pin'}></shapan-icon>
        <span class="found-name">${before}<mark>${same}</mark>${after}${where ? html`<small>${where}</small>` : ''}</span>
        <span class="found-kind">${t(`search.kind.${found.kind}`)}</span>
      </li>`;
  }

  connectedCallback() {
    super.connectedCallback();
    addEventListener('keydown', this.#slash);
    addEventListener('pointerdown', this.#elsewhere);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener('keydown', this.#slash);
    removeEventListener('pointerdown', this.#elsewhere);
  }

  /** "/" begins a search from anywhere but from where people write. */
  #slash = (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    event.preventDefault();
    this.querySelector('input').select();
  };

  #elsewhere = (event) => {
    if (!this.contains(event.target)) this.actions.search.putAway();
  };
}
customElements.define('shapan-search-box', SearchBox);
