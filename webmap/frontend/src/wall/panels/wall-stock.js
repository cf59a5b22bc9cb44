/** Residents, households, buildings on record. */
import { html } from 'lit';
import { Block } from './wall-block.js';
import { figure } from './wall-figure.js';

/** Numbers of people come in classes to accounts that may not count them. */
const PEOPLE = new Set(['residents', 'households']);

class WallStock extends Block {
  render() {
    const { figures } = this;
    const exact = this.config.me.permissions.includes('residents.count');
    return this.block('stock', html`<dl>${['residents', 'households', 'buildings'].map((name) => (
      figure(name, figures.trend([name]), { fromZero: false, about: !exact && PEOPLE.has(name) })))}</dl>`);
  }
}
customElements.define('shapan-wall-stock', WallStock);
