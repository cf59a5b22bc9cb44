/** The current language and the sentences in it. Chinese is the language of the house; English is complete. */
import en from './en.js';
import zhCN from './zh-CN.js';

export const LANGUAGES = { 'zh-CN': zhCN, en };
export const DEFAULT_LANGUAGE = 'zh-CN';

let current = DEFAULT_LANGUAGE;

/** Make `language` current; an unknown one leaves Chinese. Returns what is current now. */
export function setLanguage(language) {
  current = Object.hasOwn(LANGUAGES, language) ? language : DEFAULT_LANGUAGE;
  return current;
}

/** The current language, 'zh-CN' or 'en'. */
export function language() {
  return current;
}

/** Put `params` into the `{name}` places of `sentence`. Values are text; nothing in them is interpreted. */
export function fill(sentence, params = {}) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
}

/** The sentence under `key` in the current language. A key that does not exist is returned as it is. */
export function t(key, params) {
  const sentence = LANGUAGES[current][key];
  return sentence === undefined ? key : fill(sentence, params);
}

/**
 * The word for a code of an open list (alarm type, use of a building, …), or the code itself when the list has
 * grown on the server and this page does not know the word yet.
 */
export function term(group, code) {
  return LANGUAGES[current][`${group}.${code}`] ?? String(code ?? '');
}

/** Whether this page knows the word for a code. */
export const isTerm = (group, code) => `${group}.${code}` in LANGUAGES[current];

/** The name of a place or class on record; in English its English one, where the record has one. */
export function named(one) {
  return (current === 'en' ? one?.name_en || one?.name : one?.name) ?? '';
}

/** Pick from the `{ 'zh-CN': …, en: … }` that the server sends for titles, units and labels. */
export function pick(texts) {
  if (texts === null || texts === undefined) return '';
  if (typeof texts !== 'object') return String(texts);
  return texts[current] ?? texts[DEFAULT_LANGUAGE] ?? Object.values(texts)[0] ?? '';
}
