/** Buttons that move the camera, measure and take a picture; day or night. */
import { html } from 'lit';
import { t } from '../i18n/index.js';
import { Panel, variables } from './panel.js';

class MapControls extends Panel {
  static topics = ['view', 'measure', 'snapshot', 'past'];

  render() {
    const button = (icon, name, action) => html`
      <button type="button" class="icon-button" title=${t(`map.${name}`)} aria-label=${t(`map.${name}`)}
        @click=${action}><shapan-icon name=${icon}></shapan-icon></button>`;
    const { bearing, style, past } = this.store.state;
    const other = this.actions.otherStyle();
    return html`
      <div class="control-group">
        ${button('plus', 'zoom.in', () => this.actions.moveMap('zoomBy', 1))}
        ${button('minus', 'zoom.out', () => this.actions.moveMap('zoomBy', -1))}
      </div>
      <div class="control-group">
        <button type="button" class="icon-button north" title=${t('map.north')} aria-label=${t('map.north')}
          ${variables({ bearing: `${-bearing - 45}deg` })} @click=${() => this.actions.moveMap('faceNorth')}>
          <shapan-icon name="compass"></shapan-icon></button>
        ${button('tilt', 'tilt', () => this.actions.moveMap('toggleTilt'))}
        ${button('home', 'home', () => this.actions.moveMap('goHome'))}
      </div>
      <div class="control-group">
        ${this.#measure('distance', 'height')}
        ${this.#measure('area', 'area')}
        <button type="button" class="icon-button" title=${t('snapshot.take')} aria-label=${t('snapshot.take')}
          data-testid="snapshot" ?disabled=${this.store.state.snapshot.status === 'drawing'}
          @click=${() => this.actions.snapshot.take()}><shapan-icon name="image"></shapan-icon></button>
        ${this.actions.freeze.may ? html`
          <button type="button" class="icon-button" title=${t('freeze.take')} aria-label=${t('freeze.take')}
            data-testid="freeze" @click=${() => this.actions.freeze.ask(null)}><shapan-icon name="handover"></shapan-icon></button>` : ''}
      </div>
      <div class="control-group" data-testid="style" data-style=${style}>
        ${button(other, `style.${other}`, () => this.actions.switchStyle())}
      </div>
      <div class="control-group">
        <button type="button" class="icon-button" title=${t('past.open')} aria-label=${t('past.open')} aria-pressed=${past.on}
          data-testid="past-open" @click=${() => (past.on ? this.actions.past.leave() : this.actions.past.open())}>
          <shapan-icon name="history"></shapan-icon></button>
      </div>`;
  }

  #measure(mode, icon) {
    return html`
      <button type="button" class="icon-button" title=${t(`measure.${mode}`)} aria-label=${t(`measure.${mode}`)}
        aria-pressed=${this.store.state.measure.mode === mode} data-testid="measure-${mode}"
        @click=${() => this.actions.measure.toggle(mode)}><shapan-icon name=${icon}></shapan-icon></button>`;
  }
}
customElements.define('shapan-map-controls', MapControls);
