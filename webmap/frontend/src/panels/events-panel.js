/** 事件: on or off, which window, how drawn, what the colours mean; playback, filter and comparison in their own files. */
import { html } from 'lit';
import { legendEntries } from '../events/event-legend.js';
import { number, shortDateTime } from '../format.js';
import { t } from '../i18n/index.js';
import { looksBack } from '../events/playback.js';
import { PRESETS, REACH, resolveWindow } from '../events/time-window.js';
import { DRAWINGS } from '../url-state.js';
import { pastAccount, windowAccount } from './event-account.js';
import { eventComparison } from './event-comparison.js';
import { eventFilter } from './event-filter.js';
import { eventList } from './event-list.js';
import { eventPlayer } from './event-player.js';
import { folding } from './folding.js';
import { Panel, variables } from './panel.js';

const STEP = 3_600_000;

class EventsPanel extends Panel {
  static topics = ['eventView', 'playback', 'comparison', 'eventDetails', 'view', 'scene', 'past', 'folded'];

  render() {
    const { layers, eventView, past } = this.store.state;
    return folding(this, 'events', () => html`
      <div class="events-panel" data-testid="events-panel" data-status=${eventView.status} data-drawn=${eventView.drawn ?? ''}>
        ${past.on ? this.#past(past) : layers.events ? this.#window() : html`<p class="hint">${t('events.off')}</p>`}
      </div>`, html`
      <input type="checkbox" role="switch" class="lone-switch" data-testid="events-switch" aria-label=${t('events.show')}
        title=${t('events.show')} .checked=${layers.events || past.on} ?disabled=${past.on}
        @change=${(event) => this.actions.events.show(event.target.checked)}>`);
  }

  /** While one looks back there are the events of that instant, and no window. */
  #past({ picture }) {
    const all = picture !== null && picture.events.length === picture.events_total;
    return html`<p class="hint">${t('events.past', { count: number(picture?.events_total) })}</p>
      ${all && picture.events_total > 0 ? html`${pastAccount(this)}${eventList(this)}` : ''}${this.#legend()}`;
  }

  #window() {
    const { window: timeWindow, eventView } = this.store.state;
    const { timeZone, shifts } = this.config;
    const now = this.store.now();
    const { from, to } = resolveWindow(timeWindow, now, timeZone, shifts);
    return html`
      <div class="segmented thirds" role="radiogroup" aria-label=${t('events.window')}>
        ${PRESETS.map((preset) => html`
          <button type="button" role="radio" aria-checked=${timeWindow.preset === preset} title=${t(`events.window.${preset}.hint`)}
            data-testid="window-${preset}" @click=${() => this.actions.events.setWindow({ preset })}>
            ${t(`events.window.${preset}`)}
          </button>`)}
      </div>
      ${this.#range(from, to, now)}
      <p class="window-ends"><span>${shortDateTime(from, timeZone)}</span><span>${shortDateTime(to, timeZone)}</span></p>
      ${this.#result(eventView)}`;
  }

  /** Two handles on one rail, in hours before now. */
  #range(from, to, now) {
    const reach = REACH / STEP;
    const start = Math.min(reach, Math.max(0, Math.round((from - (now - REACH)) / STEP)));
    const end = Math.min(reach, Math.max(0, Math.round((to - (now - REACH)) / STEP)));
    const changed = () => {
      const [first, second] = this.querySelectorAll('.range input');
      const low = Math.min(first.valueAsNumber, second.valueAsNumber - 1);
      const high = Math.max(second.valueAsNumber, first.valueAsNumber + 1);
      this.actions.events.setWindow({ from: now - REACH + low * STEP, to: now - REACH + high * STEP });
    };
    return html`
      <div class="range" ${variables({ start: start / reach, end: end / reach })}>
        <input type="range" min="0" max=${reach} step="1" .value=${String(start)} aria-label=${t('events.from')}
          data-testid="window-from" @change=${changed}>
        <input type="range" min="0" max=${reach} step="1" .value=${String(end)} aria-label=${t('events.to')}
          data-testid="window-to" @change=${changed}>
      </div>`;
  }

  #result(view) {
    if (view.status === 'failed') {
      return html`<p class="hint bad" role="alert">${t('events.failed', { detail: view.error.message })}
        <button type="button" data-testid="events-retry" @click=${() => this.actions.events.window.load()}>${t('card.retry')}</button></p>`;
    }
    if (view.status === 'empty') return html`<p class="hint">${t('events.empty')}</p>${eventComparison(this)}`;
    if (view.status !== 'ready' && view.total === 0) return html`<p class="hint">${t('events.loading')}</p>`;
    const { state } = this.store;
    const shown = this.actions.events.window.shown()?.length ?? view.matching;
    return html`
      ${windowAccount(this, shown)}
      ${view.held ? html`${eventPlayer(this)}${eventList(this)}` : html`<p class="hint">${t('events.many', { most: number(view.most) })}</p>`}
      <div class="segmented" role="radiogroup" aria-label=${t('events.draw')}>
        ${DRAWINGS.map((how) => html`<button type="button" role="radio" aria-checked=${view.draw === how} title=${t(`events.draw.${how}.hint`)}
          ?disabled=${how === 'heat' && !view.held} data-testid="draw-${how}" @click=${() => this.actions.events.draw(how)}>
          <shapan-icon name=${how === 'heat' ? 'heat' : 'hexagon'}></shapan-icon>${t(`events.draw.${how}`)}</button>`)}
      </div>
      ${this.#legend()}
      ${eventFilter(this)}
      ${state.playback.on ? '' : eventComparison(this)}
      ${looksBack(state) && state.layers.alarms ? html`<p class="hint" data-testid="alarms-step-back">${t('events.replay.alarms')}</p>` : ''}`;
  }

  // --- what the colours mean -------------------------------------------------------------------------------

  #legend() {
    const legend = this.actions.events.legend();
    if (legend.drawn === 'heat') return this.#ramp(legend);
    const { title, entries } = legendEntries(legend, this.store.state.eventClasses);
    if (entries.length === 0) return '';
    const shape = legend.drawn === 'points' ? 'point-swatch' : 'hexagon-swatch';
    return html`<div class="event-legend" data-testid="event-legend"><h3>${title}</h3>
      <ul>${entries.map(({ token, words }) => html`<li><i class=${shape} ${variables({ swatch: `var(--${token})` })}></i>${words}</li>`)}
        ${legend.drawn === 'points' ? ['open', 'finished'].map((state) => html`<li><i class="point-swatch ${state}"></i>${
          t(`events.${state}`)}</li>`) : ''}
      </ul></div>`;
  }

  #ramp({ max }) {
    return html`
      <div class="ramp" aria-label=${t('events.density')}>
        <h3>${t('events.density')}</h3>
        <canvas width="120" height="1" aria-hidden="true"></canvas>
        <p><span>0</span><span>${number(max / 2, 1)}</span><span>≥ ${number(max)}</span></p>
      </div>`;
  }

  /** The ramp shows the colours that the scene gives its heat layer. */
  updated() {
    const canvas = this.querySelector('.ramp canvas');
    const range = canvas && this.actions.events.legend().colors;
    if (!range) return;
    const context = canvas.getContext('2d');
    const gradient = context.createLinearGradient(0, 0, canvas.width, 0);
    range.forEach((color, index) => gradient.addColorStop(index / (range.length - 1), `rgb(${color.slice(0, 3).join(' ')})`));
    context.fillStyle = gradient;
    context.fillRect(0, 0, canvas.width, 1);
  }
}
customElements.define('shapan-events-panel', EventsPanel);
