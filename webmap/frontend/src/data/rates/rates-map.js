/** The map beside the table: outlines in the colour of their rate. MapLibre is loaded when the section is first shown. */
import { html } from 'lit';
import { requestJson } from '../../api.js';
import { address } from '../../config.js';
import { number } from '../../format.js';
import { language, t } from '../../i18n/index.js';
import { legendClasses } from '../../panels/legend-classes.js';
import { Panel } from '../../panels/panel.js';
import { codeOf, counted, rateOf, reading, shareText } from './rates.js';

/** Pixels of a rem on a screen of 1080 lines. */
const REM = 15;

class RatesMapPanel extends Panel {
  static topics = ['rates'];

  static properties = { state: { state: true } };

  #view = null;

  #drawn = null;

  constructor() {
    super();
    this.state = 'loading';
  }

  render() {
    const { legend, places, kind } = this.store.state.rates;
    return html`
      <div class="map-box" data-testid="rates-map" data-state=${this.state} role="img" aria-label=${t('rates.map')}></div>
      ${this.state === 'failed' ? html`<p class="map-note" role="status" data-testid="rates-map-note">${t('rates.map.failed')}</p>` : ''}
      ${legend ? html`<div class="panel map-legend">
        ${legendClasses(legend, counted(places, kind, legend), { none: t('rates.legend.unknown'), total: '' })}</div>` : ''}`;
  }

  async firstUpdated() {
    try {
      const { urls, style } = this.config;
      const [{ RatesMap }, base] = await Promise.all([
        import('./rates-map-view.js'), requestJson(address(urls.style, { style }))]);
      if (!this.isConnected) return;
      this.#view = new RatesMap({
        container: this.querySelector('.map-box'), style: base, lang: language(),
        scale: parseFloat(getComputedStyle(document.documentElement).fontSize) / REM,
        onPicked: (code) => this.#picked(code), onHovered: (code) => this.actions.rates.hover(code),
        onIdle: () => { this.state = 'ready'; },
      });
      this.#draw();
    } catch (error) {
      // No WebGL, or no way to the server: the table says everything that the map would.
      console.warn('The map is not shown.', error);
      this.state = 'failed';
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#view?.remove();
    this.#view = null;
  }

  updated() {
    this.#draw();
  }

  #picked(code) {
    const place = this.store.state.rates.places.find((one) => one.code === code);
    if (place && place.level !== 'building') this.actions.rates.go(codeOf(place));
  }

  #draw() {
    const { rates } = this.store.state;
    if (this.#view === null || rates.legend === null || rates.status !== 'ready') return;
    const key = [rates.places, rates.kind, rates.legend, language()];
    if (this.#drawn === null || key.some((part, index) => part !== this.#drawn[index])) {
      this.#drawn = key;
      this.state = 'loading';
      this.#view.show({
        level: rates.level, legend: rates.legend, lang: language(), within: rates.place,
        places: rates.places.map((place) => {
          const { state, value } = reading(rateOf(place, rates.kind));
          // Hatching says it of a building: words would cover its neighbours.
          const none = rates.level === 'building' ? '' : t(state === 'over' ? 'rates.over.zero' : `rates.${state}`);
          const text = value === null ? none
            : `${shareText(value, number)}${{ over: ' ↑', classed: '+' }[state] ?? ''}`;
          return { ...place, value, text };
        }),
      });
    }
    this.#view.point(rates.hovered);
  }
}
customElements.define('shapan-rates-map', RatesMapPanel);
