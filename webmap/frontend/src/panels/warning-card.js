/** 预警详情: what a warning says, whom it concerns, and where they are safe. All texts are the sender's, and only text. */
import { html } from 'lit';
import { dateTime, distance, number, shortDateTime } from '../format.js';
import { t } from '../i18n/index.js';
import { colourOf, colourWords, stateOf, textsOf, unrealWords } from '../warnings/warning-terms.js';
import { cardButtons } from './card-buttons.js';
import { careTags, peopleWords } from './dossier-parts.js';
import { Panel } from './panel.js';
import { warningSign } from './warning-words.js';

/** Grids, and shelters, that are listed before one asks for more; and the most that are. */
const FIRST_GRIDS = 6;
const FIRST_SHELTERS = 4;
const MOST = 200;

const STATE_ICONS = { in_force: 'alarm', upcoming: 'clock', ended: 'check', cancelled: 'check', replaced: 'next', void: 'ban' };

const more = (rows, first, words) => (rows.length <= first ? '' : html`
  <details><summary>${words(rows.length - first)}</summary><ul>${rows.slice(first, MOST)}</ul>
    ${rows.length > MOST ? html`<p class="hint">${t('warning.rest', { count: number(rows.length - MOST) })}</p>` : ''}</details>`);

class WarningCard extends Panel {
  static topics = ['warning', 'warnings'];

  static interval = 5000;

  /** The warning that has the focus, and what had it before. */
  #focused = null;
  #opener = null;

  updated() {
    const { id } = this.store.state.warning;
    if (id === this.#focused) return;
    if (this.#focused === null) this.#opener = document.activeElement;
    this.#focused = id;
    if (id !== null) this.querySelector('article')?.focus({ preventScroll: true });
    else if (this.#opener?.isConnected) this.#opener.focus({ preventScroll: true });
  }

  render() {
    const { status, id, warning, details, error } = this.store.state.warning;
    if (status === 'closed') return '';
    const state = warning ? stateOf(warning, this.store.now()) : '';
    return html`
      <article class="panel card dossier warning-card" tabindex="-1" aria-label=${t('warning.title')} data-testid="warning-card"
        data-status=${status} data-id=${id} data-state=${state} data-real=${warning?.real ?? ''}
        data-colour=${warning ? colourOf(warning) : 'grey'}>
        ${cardButtons(this, 'warning')}
        ${warning ? this.#head(warning, details, state) : html`<h2>${t('warning.title')}</h2>`}
        ${this.#body(status, details, error)}
      </article>`;
  }

  #head(warning, details, state) {
    const { timeZone } = this.config;
    const unreal = unrealWords(warning);
    const { event, headline, language } = textsOf(details ?? warning);
    return html`
      <header class="dossier-head">
        ${warningSign(warning, { large: true })}
        <div>
          <p class="card-kind"><b class="severity-word">${[unreal, colourWords(warning)].filter(Boolean).join(' · ')}</b>
            <span class="tag state" data-testid="warning-state"><shapan-icon name=${STATE_ICONS[state] ?? 'alarm'}></shapan-icon>${
              t(`warning.state.${state}`)}</span></p>
          <h2 lang=${language ?? ''} data-testid="warning-headline">${headline || event}</h2>
          <p class="dossier-place"><b>${warning.area_desc ?? ''}</b></p>
        </div>
      </header>
      ${unreal ? html`<p class="warning-note unreal" data-testid="warning-unreal"><shapan-icon name="trial"></shapan-icon>
        <b>${unreal}</b> ${t('warning.unreal')}</p>` : ''}
      ${state === 'in_force' ? '' : html`<p class="warning-note" data-testid="warning-over"><shapan-icon name=${
        STATE_ICONS[state] ?? 'alarm'}></shapan-icon> ${t(`warning.over.${state}`)}${this.#follower(warning)}</p>`}
      <dl class="facts">
        ${[['event', event], ['begins', dateTime(warning.begins_at, timeZone).slice(0, 16)],
          ['ends', dateTime(warning.ends_at, timeZone).slice(0, 16)],
          ['sender', `${warning.sender} · ${shortDateTime(warning.sent, timeZone)}`]].map(([name, value]) => html`
          <div><dt>${t(`warning.${name}`)}</dt><dd data-testid="warning-${name}">${value}</dd></div>`)}
      </dl>`;
  }

  /** The way to the warning that took the place of this one. */
  #follower({ fated_by: by }) {
    const next = [...this.store.warnings.values()].find(({ sender, identifier }) => `${sender},${identifier}` === by);
    return next ? html`<button type="button" data-testid="warning-next" @click=${() => this.actions.opening.openWarning(next)}>${
      t('warning.follower')}<shapan-icon name="next"></shapan-icon></button>` : '';
  }

  #body(status, details, error) {
    if (status === 'loading') {
      return html`<div role="status" class="card-skeleton"><p class="hint">${t('warning.loading')}</p>
        <div class="skeleton wide"></div><div class="skeleton"></div><div class="skeleton block"></div></div>`;
    }
    if (status === 'missing' || status === 'forbidden') {
      return html`<div class="trouble" role="alert"><shapan-icon name=${status === 'missing' ? 'file' : 'ban'}></shapan-icon>
        <p><b>${t(`warning.${status}`)}</b>${t(`warning.${status}.hint`)}</p></div>`;
    }
    if (status === 'failed') {
      return html`<div class="trouble" role="alert"><shapan-icon name="error"></shapan-icon>
        <p><b>${t('warning.failed')}</b>
          ${[error.title, error.detail, error.cure].filter(Boolean).map((words) => html`<span>${words}</span>`)}</p>
        <button type="button" data-testid="warning-retry" @click=${() => this.actions.warnings.retry()}>${t('card.retry')}</button>
      </div>`;
    }
    const { instruction, description, language } = textsOf(details);
    return html`
      ${instruction ? html`<div class="advice warning-advice"><shapan-icon name="advice"></shapan-icon>
        <p lang=${language} data-testid="warning-instruction"><b>${t('warning.instruction')}</b>${instruction}</p></div>` : ''}
      <div class="dossier-scroll"><div class="dossier-parts">
        ${this.#concerned(details)}
        ${this.#shelters(details)}
        ${this.#grids(details)}
        ${description ? html`<section><h3>${t('warning.description')}</h3>
          <p class="warning-text" lang=${language} data-testid="warning-description">${description}</p></section>` : ''}
      </div></div>`;
  }

  #concerned({ concerned: { buildings, residents, exact, care } }) {
    return html`
      <section data-testid="warning-concerned"><h3>${t('warning.concerned')}</h3>
        <dl class="figures">
          <div><dt>${t('card.residents')}</dt><dd data-testid="warning-residents">${
            t(exact || residents === 0 ? 'warning.figure' : 'warning.figure.least', { count: number(residents) })}</dd></div>
          <div><dt>${t('counts.buildings')}</dt><dd data-testid="warning-buildings">${number(buildings)}</dd></div>
        </dl>
        ${care?.length ? html`<p class="warning-care" data-testid="warning-care"><span>${t('card.care')}</span>${careTags(care)}</p>` : ''}
      </section>`;
  }

  #shelters({ shelters }) {
    const rows = shelters.map((one) => html`
      <li class="warning-place" data-danger=${one.in_danger}><shapan-icon name=${one.in_danger ? 'partial' : 'shelter'}></shapan-icon>
        <span class="near-name">${one.name || one.code}${one.in_danger ? html`
          <span class="tag danger">${t('warning.in.danger')}</span>` : ''}</span>
        <span class="near-far">${distance(one.distance_m)}</span></li>`);
    return html`
      <section data-testid="warning-shelters"><h3>${t('warning.shelters')}</h3>
        ${rows.length === 0 ? html`<p class="hint">${t('warning.shelters.none')}</p>` : html`
          <ul>${rows.slice(0, FIRST_SHELTERS)}</ul>${more(rows, FIRST_SHELTERS, (count) => t('near.more', { count: number(count) }))}`}
      </section>`;
  }

  #grids({ grids, concerned: { exact } }) {
    const rows = grids.toSorted((one, other) => other.residents - one.residents || other.buildings - one.buildings)
      .map((grid) => html`
        <li class="warning-grid"><b>${grid.name || grid.code}</b>
          <span>${peopleWords({ residents: grid.residents, exact })} · ${t('warning.buildings', { count: number(grid.buildings) })}</span>
          <span class="warning-refuge">${grid.shelter ? html`<shapan-icon name="shelter"></shapan-icon>${grid.shelter.name} ${
            distance(grid.shelter.distance_m)}` : t('warning.refuge.none')}</span></li>`);
    return html`
      <section data-testid="warning-grids"><h3>${t('warning.grids', { count: number(grids.length) })}</h3>
        ${rows.length === 0 ? html`<p class="hint">${t('warning.grids.none')}</p>` : html`
          <ul>${rows.slice(0, FIRST_GRIDS)}</ul>${more(rows, FIRST_GRIDS, (count) => t('warning.grids.more', { count: number(count) }))}`}
      </section>`;
  }
}
customElements.define('shapan-warning-card', WarningCard);
