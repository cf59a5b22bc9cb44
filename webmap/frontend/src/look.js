/** Language and style of the page: what a person has chosen, and making the document follow it. */
import { language, setLanguage, t } from './i18n/index.js';
import { forgetColors } from './token-colors.js';
import { STYLES } from './url-state.js';

/** The server reads it, so that the next page opens in the style chosen last: see webmap/views/pages.py. */
const STYLE_COOKIE = 'shapan_style';
const YEAR_SECONDS = 31_536_000;

export class Look {
  #lang = undefined;
  #style = undefined;

  /** @param {{ style: string, document: Document }} parts `style`: the one that the server gave the page */
  constructor({ style, document }) {
    Object.assign(this, { style, document });
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
