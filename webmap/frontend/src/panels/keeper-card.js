/** 网格员卡片: who it is, how to reach them, what they do now, and how they walked on a day. */
import { html } from 'lit';
import { ago, dateTime, distance, duration, hourMinute, number } from '../format.js';
import { t } from '../i18n/index.js';
import { trackDays } from '../keepers/keeper-track.js';
import './keeper-mark.js';
import { cardButtons } from './card-buttons.js';
import { Panel } from './panel.js';

const percent = (share) => (share === null || share === undefined ? '—' : `${number(share * 100)}%`);

class KeeperCard extends Panel {
  static topics = ['keepers', 'view'];

  static interval = 5000;

  render() {
    const { keeper: open, style } = this.store.state;
    if (open.status === 'closed') return '';
    const keeper = this.actions.keepers.known(open.code);
    const { timeZone } = this.config;
    return html`
      <article class="panel card dossier keeper-card" tabindex="-1" aria-label=${t('keepers.card')} data-testid="keeper-card"
        data-status=${open.status} data-code=${open.code} data-state=${keeper.state}>
        ${cardButtons(this, 'keeper')}
        <header>
          <p class="card-kind"><shapan-keeper-mark state=${keeper.state} look=${style}></shapan-keeper-mark>
            <b data-testid="keeper-state">${t(`keepers.state.${keeper.state}`)}</b> <code>${keeper.code}</code></p>
          <h2 data-testid="keeper-name">${keeper.name ?? keeper.code}</h2>
        </header>
        <dl class="facts">
          ${this.#fact('phone', keeper.phone ? html`<a class="phone" href="tel:${keeper.phone}"><shapan-icon name="phone"></shapan-icon>${
            keeper.phone}</a>` : '—')}
          ${this.#fact('grid', keeper.grid_code ? html`<button type="button" class="quiet to-grid" data-testid="keeper-to-grid"
            @click=${() => this.actions.opening.openGrid(keeper.grid_code)}>${keeper.grid_name || keeper.grid_code}<shapan-icon name="next"></shapan-icon></button>` : '—')}
          ${this.#fact('heard', keeper.at ? html`<time title=${dateTime(keeper.at, timeZone)}>${ago(keeper.at, this.store.now())}</time>`
            : t('keepers.never'))}
          ${this.#fact('duty', keeper.state !== 'off' && keeper.on_duty_since ? hourMinute(keeper.on_duty_since, timeZone) : '—')}
        </dl>
        ${this.#day(open, timeZone)}
      </article>`;
  }

  #fact(name, value) {
    return html`<div><dt>${t(`keepers.${name}`)}</dt><dd data-testid="keeper-${name}">${value}</dd></div>`;
  }

  #day({ day, status, track, coverage, error }, timeZone) {
    const [first, today] = trackDays(this.store.now(), this.config.trackDays, timeZone);
    return html`
      <section><h3 class="track-head">${t('keepers.track')}
        <input type="date" min=${first} max=${today} .value=${day ?? today} aria-label=${t('keepers.day')} data-testid="keeper-day"
          @change=${({ target }) => target.value && this.actions.keepers.setDay(target.value === today ? null : target.value)}></h3>
        ${status === 'loading' ? html`<div class="skeleton" role="status" aria-label=${t('keepers.loading')}></div>` : ''}
        ${status === 'missing' ? html`<p class="hint">${t('keepers.missing')}</p>` : ''}
        ${status === 'failed' ? html`<p class="hint bad" role="alert">${error.title} ${error.cure || error.detail}</p>
          <button type="button" @click=${() => this.actions.keepers.retry()}>${t('card.retry')}</button>` : ''}
        ${track ? this.#track(track.properties, coverage, timeZone) : ''}
      </section>`;
  }

  #track({ positions, metres, times, stops, gaps, outside_share: outside }, coverage, timeZone) {
    if (positions === 0) return html`<p class="hint" data-testid="track-none">${t('keepers.track.none')}</p>`;
    const figures = [
      ['metres', distance(metres)], ['outside', percent(outside)],
      ['area', percent(coverage?.area_share)], ['buildings', percent(coverage?.building_share)],
    ];
    const pauses = [...stops.map((one) => ({ ...one, kind: 'stop' })), ...gaps.map((one) => ({ ...one, kind: 'gap' }))]
      .sort((one, other) => (one.from < other.from ? -1 : 1));
    return html`
      <dl class="figures track-figures">
        ${figures.map(([name, value]) => html`<div title=${t(`keepers.${name}.hint`)}><dt>${t(`keepers.${name}`)}</dt>
          <dd data-testid="track-${name}">${value}</dd></div>`)}
      </dl>
      <p class="track-key" aria-hidden="true"><i></i><span>${hourMinute(times[0], timeZone)}</span><span>${hourMinute(times.at(-1), timeZone)}</span></p>
      ${pauses.length === 0 ? '' : html`
        <details class="track-pauses"><summary>${t('keepers.pauses', { stops: number(stops.length), gaps: number(gaps.length) })}</summary>
          <ul>${pauses.slice(0, 200).map(({ kind, from, to, seconds }) => html`
            <li data-kind=${kind}><span>${hourMinute(from, timeZone)}–${hourMinute(to, timeZone)}</span>
              <b>${t(`keepers.pause.${kind}`)}</b><span>${duration(seconds * 1000)}</span></li>`)}</ul></details>`}`;
  }
}
customElements.define('shapan-keeper-card', KeeperCard);
