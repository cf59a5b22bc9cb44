/** `<shapan-keeper-mark state="moving">`: the mark of a keeper as the map draws it. The words stand beside it. */
import { drawKeeper } from '../layers/keepers.js';

class KeeperMark extends HTMLElement {
  static observedAttributes = ['state', 'look'];

  connectedCallback() {
    this.draw();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.draw();
  }

  draw() {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
    canvas.setAttribute('aria-hidden', 'true');
    drawKeeper(canvas.getContext('2d'), this.getAttribute('state'));
    this.replaceChildren(canvas);
  }
}
customElements.define('shapan-keeper-mark', KeeperMark);
