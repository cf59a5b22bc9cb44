/** 网格卡片: who keeps a grid, how it stands, how it went, where it burns, and which rooms are still to visit. */
import { html, svg } from 'lit';
import { number } from '../format.js';
import { named, t } from '../i18n/index.js';
import { lineThrough, trendOf } from '../grids/grid-trend.js';
import { cardButtons } from './card-buttons.js';
import { alarmWords, atLeast, figureWords } from './grid-words.js';
import { roomsToVisit } from './grid-rooms.js';
import { Panel, variables } from './panel.js';

class GridCard extends Panel {
  static topics = ['grids', 'card'];

  /** The grid that has the focus, and what had it before. */
  #focused = null;
  #opener = null;

  updated() {
    const { code } = this.store.state.grid;
    if (code === this.#focused) return;
    if (this.#focused === null) this.#opener = document.activeElement;
    this.#focused = code;
    if (code !== null) this.querySelector('article')?.focus({ preventScroll: true });
    else if (this.#opener?.isConnected) this.#opener.focus({ preventScroll: true });
  }

  render() {
    const { grid, card } = this.store.state;
    if (grid.status === 'closed') return '';
    if (grid.tab === 'building' && card.status !== 'closed') {
      return html`<div class="panel grid-back"><button type="button" class="quiet" data-testid="grid-back"
        @click=${() => this.actions.opening.backToGrid()}><shapan-icon name="give-back"></shapan-icon>${
          t('grid.back', { name: grid.place?.name || grid.code })}</button></div>`;
    }
    return html`
      <article class="panel card dossier grid-card" tabindex="-1" aria-label=${t('grid.title')} data-testid="grid-card"
        data-status=${grid.status} data-code=${grid.code}>
        ${cardButtons(this, 'grid')}
        ${this.#content(grid)}
      </article>`;
  }

  #content({ status, code, place, error }) {
    if (status === 'loading') {
      return html`<div role="status" aria-label=${t('grid.loading')} class="card-skeleton">
        <div class="skeleton wide"></div><div class="skeleton"></div><div class="skeleton block"></div></div>`;
    }
    if (status === 'missing') {
      return html`<h2>${t('grid.missing')}</h2><p><code>${code}</code></p><p class="hint">${t('grid.missing.hint')}</p>`;
    }
    if (status === 'failed') {
      return html`<h2>${t('grid.failed')}</h2><p class="hint">${error.title} ${error.detail} ${error.cure}</p>
        <button type="button" data-testid="grid-retry" @click=${() => this.actions.grids.retry()}>${t('card.retry')}</button>`;
    }
    return html`
      <header>
        <p class="card-kind"><shapan-icon name="grid"></shapan-icon>${t(`grid.kind.${place.kind}`)} <code>${place.code}</code></p>
        <h2 data-testid="grid-name">${place.name || place.code}</h2>
        <p class="card-address"><shapan-icon name="pin"></shapan-icon>${[named(place.street), named(place.area)].filter(Boolean).join(' · ')}</p>
      </header>
      ${place.keepers === null ? '' : this.#keepers(place.keepers)}
      <div class="dossier-scroll"><div class="dossier-parts">
        ${this.#figures(place)}
        ${this.#rates(place)}
        ${this.#trend(place)}
        ${this.#worst()}
        ${roomsToVisit(this, place)}
      </div></div>`;
  }

  #keepers(keepers) {
    return html`
      <dl class="facts">
        <div><dt>${t('card.keeper')}</dt><dd data-testid="grid-keeper">${keepers.length === 0 ? t('card.keeper.none')
          : keepers.map(({ name, phone }) => html`<span class="keeper"><shapan-icon name="keeper"></shapan-icon>${name}
              ${phone ? html`<a class="phone" href="tel:${phone}"><shapan-icon name="phone"></shapan-icon>${phone}</a>` : ''}</span>`)}</dd></div>
      </dl>`;
  }

  /** Live: what the stream says now. */
  #figures({ code, counts: { buildings, households, residents, exact } }) {
    const open = this.actions.gridMap.figures.counts(code);
    const of = (name) => (open === null ? '—' : number(open[name] ?? 0));
    const late = (name) => (open?.[name] ? html`<small class="bad">${t('grid.overdue', { count: number(open[name]) })}</small>` : '');
    return html`
      <section>
        <dl class="figures grid-people">
          ${[['households', atLeast(households, exact)], ['residents', atLeast(residents, exact)], ['buildings', number(buildings)]]
            .map(([name, value]) => html`<div><dt>${t(name === 'buildings' ? 'counts.buildings' : `card.${name}`)}</dt>
              <dd data-testid="grid-${name}">${value}</dd></div>`)}
        </dl>
        <dl class="figures grid-open">
          <div><dt>${t('grids.figure.events_open')} ${late('events_overdue')}</dt><dd data-testid="grid-events">${of('events_open')}</dd></div>
          <div><dt>${t('grid.tasks')} ${late('tasks_overdue')}</dt><dd data-testid="grid-tasks">${of('tasks_due')}</dd></div>
        </dl>
        <p class="grid-alarms" data-testid="grid-alarms"><span>${t('grids.figure.alarms')}</span>${open === null ? '—' : alarmWords(open)}
          ${open?.alarms_shelved ? html`<small>${t('grid.shelved', { count: number(open.alarms_shelved) })}</small>` : ''}</p>
      </section>`;
  }

  #rates({ rates }) {
    return html`
      <section><h3>${t('grids.figure.entry_rate')}</h3>
        <dl class="grid-rates">
          ${rates.map(({ kind, rate, numerator, denominator, declared_by: source, as_of: day }) => html`
            <div data-known=${rate !== null} data-testid="grid-rate-${kind}"
              title=${rate === null ? t('grid.rate.unknown') : t('grid.rate.source', { source, day })}>
              <dt>${t(`grids.kind.${kind}`)}</dt>
              <dd><i ${variables({ share: Math.min(1, rate ?? 0) })}></i><b>${figureWords('entry_rate', rate)}</b>
                <small>${rate === null ? t('grid.rate.none', { count: number(numerator) })
                  : t('grid.rate.of', { entered: number(numerator), declared: number(denominator) })}</small></dd></div>`)}
        </dl>
      </section>`;
  }

  #trend({ rates }) {
    const { days } = this.store.state.grid;
    const { figure, kind } = this.store.state.choropleth;
    const shown = figure === 'none' ? 'alarms' : figure;
    const title = html`<h3>${t('grid.trend', { figure: t(`grids.figure.${shown}`) })}${
      shown === 'entry_rate' ? html` <small>${t(`grids.kind.${kind}`)}</small>` : ''}</h3>`;
    if (days === null) return html`<section>${title}<div class="skeleton"></div></section>`;
    if (days instanceof Error) return html`<section>${title}<p class="hint bad">${days.title} ${days.cure || days.detail}</p></section>`;
    const trend = trendOf(days, shown, kind, rates.find((one) => one.kind === kind)?.denominator ?? null);
    const known = trend.filter(({ value }) => value !== null);
    if (known.length === 0) return html`<section>${title}<p class="hint">${t('grid.trend.none')}</p></section>`;
    if (known.length === 1) {
      const [{ day, value }] = known;
      return html`<section data-testid="grid-trend" data-days="1">${title}<p class="hint">${t('grid.trend.one', {
        day: day.slice(5), value: figureWords(shown, value) })}</p></section>`;
    }
    const { paths, dots, highest } = lineThrough(trend);
    const words = trend.map(({ day, value }) => `${day.slice(5)} ${figureWords(shown, value)}`).join(', ');
    return html`
      <section data-testid="grid-trend" data-days=${known.length}>${title}
        <div class="trend">
          <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label=${words}>
            ${paths.map((path) => svg`<path d=${path} vector-effect="non-scaling-stroke"></path>`)}
            ${dots.map(({ x, y }) => svg`<path class="dot" d="M${x} ${y}h0.01" vector-effect="non-scaling-stroke"></path>`)}
          </svg>
          <span>${figureWords(shown, highest)}</span><span>${shown === 'entry_rate' ? '0%' : '0'}</span>
        </div>
        <p class="window-ends"><span>${trend[0].day.slice(5)}</span><span>${t('grid.today')}</span></p>
      </section>`;
  }

  #worst() {
    const { worst } = this.store.state.grid;
    const title = html`<h3>${t('grid.worst')}</h3>`;
    if (worst === null) return html`<section>${title}<div class="skeleton"></div></section>`;
    if (worst instanceof Error) return html`<section>${title}<p class="hint bad">${worst.title} ${worst.cure || worst.detail}</p></section>`;
    const { places, total } = worst;
    return html`
      <section data-testid="grid-worst">${title}
        ${places.length === 0 ? html`<p class="hint">${t('grid.worst.none')}</p>` : html`
          <ul class="grid-buildings">${places.map(({ id, code, name, counts }) => html`
            <li><button type="button" class="quiet" data-testid="worst-building" data-id=${id}
              @click=${() => this.actions.opening.openBuildingOfGrid(id)}><span>${name || code}</span>${alarmWords(counts)}</button></li>`)}</ul>
          ${total > places.length ? html`<p class="hint">${t('grid.worst.more', { count: number(total - places.length) })}</p>` : ''}`}
      </section>`;
  }
}
customElements.define('shapan-grid-card', GridCard);
