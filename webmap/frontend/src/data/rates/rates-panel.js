/** 录入率: the places below one, as a table beside the map. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { ago, dateTime, number } from '../../format.js';
import { language, named, t } from '../../i18n/index.js';
import { Panel, variables } from '../../panels/panel.js';
import { csvText, fileName, saveFile } from '../csv.js';
import { classOf, codeOf, DECLARATION_HEADS, declarationRows, KINDS, ordered, rateOf, reading, undeclared } from './rates.js';
import { printed } from '../printed.js';
import { words } from './rate-words.js';
import { RatesDesk } from './rates-desk.js';
import './rates-map.js';

/** Rows in the page at once; more are shown when they are asked for. */
const ROWS = 200;

/** What to call a place: of buildings the address where no name is on record. */
export const placeName = (place) => named(place) || place.code;

class RatesPanel extends Panel {
  static topics = ['rates'];

  static interval = 30_000;

  static properties = { shown: { state: true } };

  constructor() {
    super();
    this.shown = ROWS;
  }

  render() {
    const { rates } = this.store.state;
    const places = ordered(rates.places, rates.sort, RatesDesk.collator());
    return html`
      <section class="panel sheet rates" aria-labelledby="rates-title" data-testid="rates" data-status=${rates.status}
        data-level=${rates.level} data-within=${rates.within}>
        <header class="sheet-head">
          <div><h2 id="rates-title">${t('rates.title')}</h2>${this.#trail(rates)}</div>
          <div class="sheet-tools">
            ${rates.countedAt ? html`<small class="screen-only" title=${dateTime(rates.countedAt, this.config.timeZone)}>${
              t('rates.counted', { age: ago(rates.countedAt, this.store.now()) })}</small>` : ''}
            ${this.config.urls.survey && rates.within.length >= 12 ? html`<a class="page-link" data-testid="rates-to-rooms"
              href=${`?lang=${language()}&view=rooms&within=${rates.within}`}><shapan-icon name="worklist"></shapan-icon>${t('worklist.title')}</a>` : ''}
            <button type="button" class="quiet icon-button" title=${t('rates.again')} aria-label=${t('rates.again')} data-testid="rates-again"
              @click=${() => this.actions.rates.again()}><shapan-icon name="retry"></shapan-icon></button>
            ${printed(this)}
            <button type="button" data-testid="rates-csv" ?disabled=${places.length === 0} @click=${() => this.#save(places)}>
              <shapan-icon name="download"></shapan-icon>${t('data.export')}</button>
            <button type="button" data-testid="rates-print" @click=${() => this.#print()}>
              <shapan-icon name="print"></shapan-icon>${t('data.print')}</button>
          </div>
        </header>
        ${rates.place ? this.#own(rates) : ''}
        <div class="rates-parts">${this.#content(rates, places)}</div>
      </section>`;
  }

  #trail({ trail, within }) {
    const link = (code, name) => html`<li>${code === within ? html`<b aria-current="page">${name}</b>`
      : html`<a href=${`?view=rates&within=${code}`} data-testid="rates-up" data-code=${code}
          @click=${(event) => this.#follow(event, code)}>${name}</a>`}</li>`;
    return html`<nav aria-label=${t('rates.trail')}><ol class="trail" data-testid="rates-trail">
      ${link('', t('rates.all'))}${trail.map((place) => link(place.code, named(place) || place.code))}</ol></nav>`;
  }

  /** The four rates of the place itself: large, each the button that shows it on the map. */
  #own({ place, kind }) {
    return html`<div class="rates-own" role="group" aria-label=${t('rates.own', { place: placeName(place) })}>
      ${place.rates.map((rate) => html`
        <button type="button" class="rate-tile" aria-pressed=${rate.kind === kind} data-kind=${rate.kind} data-testid="rate-own"
          data-state=${reading(rate).state} @click=${() => this.actions.rates.choose(rate.kind)}>
          <span>${t(`grids.kind.${rate.kind}`)}</span>
          <b>${words(rate)}</b>
          <small>${this.#of(rate)}</small>
          <small class="declared">${this.#declared(rate)}</small>
        </button>`)}
    </div>`;
  }

  #of({ numerator, denominator, rate_class: low, rate }) {
    if (numerator === null) return low === null ? '' : t('rates.classed.hint');
    if (denominator === null) return t('rates.entered', { count: number(numerator) });
    return `${number(numerator)} / ${number(denominator)}${rate > 1 ? ` · ${t('rates.over')}` : ''}`;
  }

  #declared({ denominator, declared_by: who, as_of: day, basis }) {
    if (who === null) return denominator === null ? t('rates.undeclared') : '';
    return t(basis === 'rooms_per_floor' ? 'rates.declared.floors' : 'rates.declared', { who, day });
  }

  #content(rates, places) {
    if (rates.status === 'loading' || rates.status === 'idle') {
      return html`<div role="status" aria-label=${t('rates.loading')} class="rates-table">
        ${[1, 2, 3, 4, 5, 6].map(() => html`<div class="skeleton row"></div>`)}</div>`;
    }
    if (rates.status === 'failed') {
      return html`<div class="nothing" role="alert" data-testid="rates-error"><shapan-icon name="error"></shapan-icon>
        <h3>${t('rates.failed')}</h3><p><b>${rates.error.title}</b> ${rates.error.detail} ${rates.error.cure}</p>
        <button type="button" @click=${() => this.actions.rates.again()}>${t('runs.retry')}</button></div>`;
    }
    return html`
      <div class="rates-table">
        ${places.length === 0 ? html`<div class="nothing" data-testid="rates-empty"><shapan-icon name="gauge"></shapan-icon>
          <h3>${t(rates.within ? 'rates.empty' : 'rates.empty.all')}</h3>
          <p>${t(rates.within ? 'rates.empty.hint' : 'rates.empty.all.hint')}</p></div>` : this.#table(rates, places)}
        ${this.#help(rates)}
      </div>
      <shapan-rates-map class="rates-map" .store=${this.store} .config=${this.config} .actions=${this.actions}></shapan-rates-map>`;
  }

  #table(rates, places) {
    const drills = rates.level !== 'building';
    return html`
      <div class="sheet-scroll" tabindex="-1">
        <table class="sheet-table">
          <thead><tr>${this.#head('name', t(`rates.level.${rates.level}`), rates)}
            ${KINDS.map((kind) => this.#head(kind, t(`grids.kind.${kind}`), rates))}
            <th scope="col" class="declared-head">${t('rates.basis', { kind: t(`grids.kind.${rates.kind}`) })}</th></tr></thead>
          <tbody @mouseleave=${() => this.actions.rates.hover(null)}>
            ${repeat(places.slice(0, this.shown), ({ code }) => code, (place) => this.#row(place, rates, drills))}</tbody>
        </table>
        ${places.length > this.shown ? html`<p class="run-more"><button type="button" data-testid="rates-rest"
          @click=${() => { this.shown += ROWS; }}>${t('rates.rest', { count: number(places.length - this.shown) })}</button></p>` : ''}
        ${rates.next ? html`<p class="run-more"><button type="button" data-testid="rates-more"
          @click=${() => this.actions.rates.more()}>${t('rates.more')}</button></p>` : ''}
      </div>`;
  }

  #head(by, title, { sort, kind }) {
    const state = sort.by === by ? (sort.down ? 'descending' : 'ascending') : 'none';
    return html`<th scope="col" aria-sort=${state} ?data-chosen=${by === kind} ?data-number=${by !== 'name'}>
      <button type="button" class="quiet sort" data-testid="sort-${by}" title=${t('data.sort')}
        @click=${() => this.actions.rates.sortBy(by)}>${title}<shapan-icon name=${sort.by === by && sort.down ? 'down' : 'up'}></shapan-icon>
      </button></th>`;
  }

  #row(place, { kind, hovered, legend }, drills) {
    const name = placeName(place);
    const chosen = rateOf(place, kind);
    return html`
      <tr data-code=${place.code} ?data-hovered=${hovered === place.code} @mouseenter=${() => this.actions.rates.hover(place.code)}
        @click=${drills ? (event) => this.#follow(event, codeOf(place)) : null} ?data-drills=${drills}>
        <th scope="row">${drills ? html`<a href=${`?view=rates&within=${codeOf(place)}`} data-testid="rates-down"
            @click=${(event) => this.#follow(event, codeOf(place))}>${name}</a>`
          : html`<a href=${`/?building=${place.id}`} title=${t('rates.building.go')}>${name}</a>`}
          <small>${place.code}</small></th>
        ${KINDS.map((one) => this.#cell(rateOf(place, one), one === kind, legend))}
        <td class="declared">${this.#declared(chosen) || '—'}</td>
      </tr>`;
  }

  /** Number, bar and what it is made of; unknown is hatched and has no bar. */
  #cell(rate, chosen, legend) {
    const { state, value } = reading(rate);
    const color = legend && value !== null ? legend.classes[classOf(value, legend)].color : [128, 128, 128];
    return html`
      <td data-number data-kind=${rate.kind} data-state=${state} ?data-chosen=${chosen}>
        <b>${words(rate)}</b>
        <span class="rate-bar" ?data-hatched=${value === null} ${variables({ share: Math.min(1, value ?? 0), swatch: `rgb(${color.join(' ')})` })}>
          <i></i></span>
        <small>${state === 'over' ? html`<shapan-icon name="partial"></shapan-icon>` : ''}${this.#of(rate)}</small>
      </td>`;
  }

  /** Why a rate is unknown, or above all, and what to do about it. */
  #help({ places, kind, level, place }) {
    const unknown = undeclared(place ? [place, ...places] : places, kind);
    const over = places.filter((one) => reading(rateOf(one, kind)).state === 'over');
    if (unknown.length === 0 && over.length === 0) return '';
    const kindWords = t(`grids.kind.${kind}`).toLowerCase();
    return html`<div class="rates-help" data-testid="rates-help">
      ${over.length ? html`<p data-testid="rates-over"><shapan-icon name="partial"></shapan-icon><span>${
        t('rates.over.hint', { count: number(over.length), kind: kindWords })}</span></p>` : ''}
      ${unknown.length ? html`
        <p data-testid="rates-unknown"><shapan-icon name="pending"></shapan-icon><span><b>${
          t(level === 'building' ? 'rates.unknown.buildings' : 'rates.unknown.why', { count: number(unknown.length), kind: kindWords })}</b>
          ${t('rates.unknown.cure')} <code>shapan import expected FILE.csv</code></span>
          <button type="button" data-testid="rates-template" @click=${() => this.#saveTemplate()}>
            <shapan-icon name="file"></shapan-icon>${t('rates.template')}</button></p>` : ''}
    </div>`;
  }

  #follow(event, within) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return; // in a tab of its own
    event.preventDefault();
    event.stopPropagation();
    this.shown = ROWS;
    this.actions.rates.go(within);
  }

  #today() {
    return dateTime(this.store.now(), this.config.timeZone).slice(0, 10);
  }

  #save(places) {
    const { place, kind: _, ...rest } = this.store.state.rates;
    const heads = [t('rates.csv.code'), t('rates.csv.name'), ...KINDS.flatMap((kind) => [
      'rate', 'entered', 'declared', 'by', 'day'].map((one) => `${t(`grids.kind.${kind}`)} ${t(`rates.csv.${one}`)}`))];
    const rows = [...(place ? [place] : []), ...places].map((one) => [one.code, placeName(one), ...KINDS.flatMap((kind) => {
      const rate = rateOf(one, kind);
      return [words(rate), rate.numerator, rate.denominator, rate.declared_by, rate.as_of];
    })]);
    saveFile(fileName([t('rates.title'), place ? placeName(place) : t('rates.all'), t(`rates.level.${rest.level}`), this.#today()]), csvText(heads, rows));
  }

  #saveTemplate() {
    const { places, place, kind } = this.store.state.rates;
    saveFile(fileName(['expected', kind, this.#today()]), csvText(
      DECLARATION_HEADS, declarationRows(place ? [place, ...places] : places, kind, this.#today())));
  }

  /** On paper stands everything that was read. */
  async #print() {
    this.shown = Infinity;
    await this.updateComplete;
    print();
  }
}
customElements.define('shapan-rates-panel', RatesPanel);
