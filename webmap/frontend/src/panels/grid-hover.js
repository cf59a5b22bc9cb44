/** What the pointer rests on: the figures of a grid or community, beside the pointer and never under it. */
import { html } from 'lit';
import { number } from '../format.js';
import { named, t } from '../i18n/index.js';
import { alarmWords, atLeast, rateRows } from './grid-words.js';
import { Panel } from './panel.js';

/** Pixels between the pointer and the card. */
const APART = 18;

class GridHover extends Panel {
  static topics = ['hover', 'grids'];

  render() {
    const { hover } = this.store.state;
    const { figures } = this.actions.gridMap;
    const place = hover && figures.place(hover.code);
    if (!place) return '';
    const counts = figures.counts(place.code);
    const { exact } = figures;
    return html`
      <div class="panel hover-card" role="tooltip" data-testid="grid-hover" data-code=${place.code}>
        <h2>${named(place) || place.code}</h2>
        <p class="card-kind"><shapan-icon name="grid"></shapan-icon>${t(`grids.level.${place.level}`)} <code>${place.code}</code></p>
        ${place.level === 'grid' && this.config.me.permissions.includes('keepers.named') ? html`<p class="hover-keeper"><shapan-icon name="keeper"></shapan-icon>${place.keeper
          ? t(place.keepers > 1 ? 'grids.keeper.more' : 'grids.keeper', { name: place.keeper, count: place.keepers })
          : t('card.keeper.none')}</p>` : ''}
        <dl class="hover-figures">
          <div><dt>${t('card.households')}</dt><dd>${atLeast(place.households, exact)}</dd></div>
          <div><dt>${t('card.residents')}</dt><dd>${atLeast(place.residents, exact)}</dd></div>
          <div><dt>${t('counts.buildings')}</dt><dd>${number(place.buildings)}</dd></div>
        </dl>
        <h3>${t('grids.figure.entry_rate')}</h3>
        <dl class="hover-rates">${rateRows(place.rates)}</dl>
        ${counts === null ? html`<p class="hint">${t('grids.waiting')}</p>` : html`
          <dl class="hover-open">
            <div><dt>${t('grids.figure.events_open')}</dt><dd>${number(counts.events_open ?? 0)}</dd></div>
            <div><dt>${t('grids.figure.tasks_overdue')}</dt><dd>${number(counts.tasks_overdue ?? 0)}</dd></div>
            <div><dt>${t('grids.figure.alarms')}</dt><dd>${alarmWords(counts)}</dd></div>
          </dl>`}
      </div>`;
  }

  /** Right below the pointer, or on the other side of it where there is no room. */
  updated() {
    const card = this.querySelector('.hover-card');
    if (!card) return;
    const { x, y } = this.store.state.hover;
    const { offsetWidth: width, offsetHeight: height } = card;
    const left = x + APART + width > innerWidth ? x - APART - width : x + APART;
    const top = y + APART + height > innerHeight ? Math.max(0, y - APART - height) : y + APART;
    card.style.setProperty('--left', `${Math.max(0, left)}px`);
    card.style.setProperty('--top', `${top}px`);
  }
}
customElements.define('shapan-grid-hover', GridHover);
