/** What all panels share. */
import { LitElement } from 'lit';
import { directive, Directive } from 'lit/directive.js';
import { noChange } from 'lit';

/**
 * A panel draws the store's state and calls actions; it changes nothing itself.
 *
 * It renders into the page itself, not into a shadow root: one style sheet, one set of tokens, and whatever tests
 * the page finds everything with plain selectors.
 */
export class Panel extends LitElement {
  static properties = { store: { attribute: false }, actions: { attribute: false }, config: { attribute: false } };

  /** Store topics that make the panel draw again; 'language' always does. */
  static topics = [];

  /** Draw again every so many milliseconds, for relative times; 0 for never. */
  static interval = 0;

  #unsubscribe = null;
  #timer = null;

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    const { topics, interval } = this.constructor;
    this.#unsubscribe = this.store.subscribe([...topics, 'language'], () => this.requestUpdate());
    if (interval) this.#timer = setInterval(() => this.requestUpdate(), interval);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#unsubscribe?.();
    clearInterval(this.#timer);
  }
}

class Variables extends Directive {
  render() {
    return noChange;
  }

  update(part, [values]) {
    for (const [name, value] of Object.entries(values)) part.element.style.setProperty(`--${name}`, value);
    return noChange;
  }
}

/**
 * `<i ${variables({ share: 0.4 })}>` sets CSS variables through the object model: a style attribute, which Lit's
 * styleMap writes, is refused by the page's content security policy.
 */
export const variables = directive(Variables);
