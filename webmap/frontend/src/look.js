/** Language, style and folded panels: what a person has chosen, and making the document follow it. */
import { language, setLanguage, t } from './i18n/index.js';
import { forgetColors } from './map/token-colors.js';
import { STYLES } from './url-state.js';

/** The server reads it, so that the next page opens in the style chosen last: see webmap/views/pages.py. */
const STYLE_COOKIE = 'shapan_style';
const YEAR_SECONDS = 31_536_000;

/** Where this browser remembers which panels are folded. */
const FOLDED = 'shapan.folded';

/** Where it remembers nothing: long panels whose title says what matters. */
const FOLDED_AT_FIRST = 'devices';

export class Look {
  #lang = undefined;
  #style = undefined;

  /**
   * @param {object} parts
   * @param {import('./store.js').Store} parts.store
   * @param {string} parts.style the one that the server gave the page
   * @param {Document} parts.document
   * @param {() => Storage} parts.storage of this browser, which may forbid to look at it
   */
  constructor({ store, style, document, storage }) {
    Object.assign(this, { store, style, document, storage });
    store.state.style = style;
    store.state.folded = this.#remembered();
  }

  /** Take over what a link says. The server has already given the page its style. */
  restore({ lang, style }) {
    this.#lang = lang;
    this.#style = style;
    this.#translate();
  }

  /** What a link should carry: only what was chosen; each browser has its own otherwise. */
  chosen() {
    return { lang: this.#lang, style: this.#style };
  }

  /** Fold a panel, or open it again. */
  fold(name) {
    const { folded } = this.store.state;
    if (!folded.delete(name)) folded.add(name);
    try {
      this.storage().setItem(FOLDED, [...folded].join());
    } catch { /* full or forbidden: it holds until the page is closed */ }
    this.store.touch('folded');
  }

  #remembered() {
    try {
      return new Set((this.storage().getItem(FOLDED) ?? FOLDED_AT_FIRST).split(',').filter(Boolean));
    } catch {
      return new Set([FOLDED_AT_FIRST]);
    }
  }

  switchLanguage() {
    this.#lang = setLanguage(language() === 'en' ? 'zh-CN' : 'en');
    this.#translate();
  }

  /** The style that the page does not have. */
  otherStyle() {
    return STYLES.find((name) => name !== this.style);
  }

  setStyle(style) {
    this.style = style;
    this.#style = style;
    this.document.documentElement.dataset.style = style;
    this.document.cookie = `${STYLE_COOKIE}=${style}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
    forgetColors();
  }

  #translate() {
    this.document.documentElement.lang = language();
    this.document.title = t('app.title');
  }
}
