/** Event heat: on or off, time window, how many, when, and what the colours mean in numbers. */
import { html, svg } from 'lit';
import { number, shortDateTime } from '../format.js';
import { t } from '../i18n/index.js';
import { histogram, PRESETS, REACH, resolveWindow } from '../time-window.js';
import { folding } from './folding.js';
import { Panel, variables } from './panel.js';

const BARS = 45;
const STEP = 3_600_000;

class HeatPanel extends Panel {
  static topics = ['heat', 'view', 'scene', 'folded'];

  render() {
    const { layers, heat } = this.store.state;
    return folding(this, 'heat', () => html`
      <div class="heat-panel" data-testid="heat-panel" data-status=${heat.status}>
        ${layers.heat ? this.#window() : html`<p class="hint">${t('heat.off')}</p>`}
      </div>`, html`
      <input type="checkbox" role="switch" class="lone-switch" data-testid="heat-switch" aria-label=${t('heat.show')}
        title=${t('heat.show')} .checked=${layers.heat} @change=${(event) => this.actions.heat.show(event.target.checked)}>`);
  }

  #window() {
    const { window: timeWindow, heat } = this.store.state;
    const { timeZone } = this.config;
    const now = this.store.now();
    const { from, to } = resolveWindow(timeWindow, now);
    return html`
      <div class="segmented compact" role="radiogroup" aria-labelledby="heat-title">
        ${Object.keys(PRESETS).map((preset) => html`
          <button type="button" role="radio" aria-checked=${timeWindow.preset === preset}
            data-testid="window-${preset}" @click=${() => this.actions.heat.setWindow({ preset })}>
            ${t(`heat.window.${preset}`)}
          </button>`)}
      </div>
      ${this.#range(from, to, now)}
      <p class="window-ends"><span>${shortDateTime(from, timeZone)}</span><span>${shortDateTime(to, timeZone)}</span></p>
      ${this.#result(heat)}`;
  }

  /** Two handles on one rail, in hours before now. */
  #range(from, to, now) {
    const reach = REACH / STEP;
    const start = Math.max(0, Math.round((from - (now - REACH)) / STEP));
    const end = Math.min(reach, Math.round((to - (now - REACH)) / STEP));
    const changed = () => {
      const [first, second] = this.querySelectorAll('.range input');
      const low = Math.min(first.valueAsNumber, second.valueAsNumber - 1);
      const high = Math.max(second.valueAsNumber, first.valueAsNumber + 1);
      this.actions.heat.setWindow({ from: now - REACH + low * STEP, to: now - REACH + high * STEP });
    };
    return html`
      <div class="range" ${variables({ start: start / reach, end: end / reach })}>
        <input type="range" min="0" max=${reach} step="1" .value=${String(start)} aria-label=${t('heat.from')}
          data-testid="window-from" @change=${changed}>
        <input type="range" min="0" max=${reach} step="1" .value=${String(end)} aria-label=${t('heat.to')}
          data-testid="window-to" @change=${changed}>
      </div>`;
  }

  #result(heat) {
    if (heat.status === 'failed') {
      return html`<p class="hint bad">${t('heat.failed', { detail: heat.error.message })}</p>`;
    }
    if (heat.status === 'empty') return html`<p class="hint">${t('heat.empty')}</p>`;
    if (heat.total === 0) return html`<p class="hint">${t('heat.loading')}</p>`;
    const counts = histogram(heat.at, heat.from, heat.to, BARS);
    const most = Math.max(...counts, 1);
    return html`
      <p class="heat-total" data-testid="heat-total" data-value=${heat.total}>
        ${t('heat.total', { count: number(heat.total) })}</p>
      <svg class="histogram" viewBox="0 0 ${BARS} 20" preserveAspectRatio="none" role="img"
        aria-label=${t('heat.histogram')}>
        ${counts.map((count, index) => svg`<rect x=${index + 0.1} width="0.8"
          y=${20 - (20 * count) / most} height=${(20 * count) / most}></rect>`)}
      </svg>
      <div class="ramp" aria-label=${t('heat.density')}>
        <h3>${t('heat.density')}</h3>
        <canvas width="120" height="1" aria-hidden="true"></canvas>
        <p><span>0</span><span>${number(heat.max / 2, 1)}</span><span>≥ ${number(heat.max)}</span></p>
      </div>`;
  }

  /** The ramp shows the colours that the scene gives its heat layer. */
  updated() {
    const canvas = this.querySelector('.ramp canvas');
    const range = this.actions.heat.colors();
    if (!canvas || !range) return;
    const context = canvas.getContext('2d');
    const gradient = context.createLinearGradient(0, 0, canvas.width, 0);
    range.forEach((color, index) => gradient.addColorStop(index / (range.length - 1), `rgb(${color.slice(0, 3).join(' ')})`));
    context.fillStyle = gradient;
    context.fillRect(0, 0, canvas.width, 1);
  }
}
customElements.define('shapan-heat-panel', HeatPanel);
