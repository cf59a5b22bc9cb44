/** 待采集户室: places on the left, the worklist of one on the right, and the bar that assigns what is chosen. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { dateTime, number, percent } from '../../format.js';
import { language, named, t } from '../../i18n/index.js';
import { Panel, variables } from '../../panels/panel.js';
import { csvText, fileName, saveFile } from '../csv.js';
import { assignBar } from './assign-bar.js';
import { paper } from './paper.js';
import { building, lacks } from './room-building.js';
import { filtered, lacking, lines, progress, toVisit } from './worklist.js';

/** Places in the list at once; the search finds the others. */
const PLACES = 300;

/** So many rooms are shown at once; of more, buildings are opened one by one. */
const FEW = 40;

class RoomsPanel extends Panel {
  static topics = ['rooms', 'conflicts'];

  static properties = { sought: { state: true }, printing: { state: true } };

  constructor() {
    super();
    Object.assign(this, { sought: '', printing: false });
  }

  render() {
    const { rooms } = this.store.state;
    const place = rooms.places.list.find(({ code }) => code === rooms.within);
    const groups = filtered(rooms.list.groups, rooms);
    return html`
      <div class="rooms-parts" data-testid="rooms" data-status=${rooms.list.status} data-places=${rooms.places.status}>
        ${this.#places(rooms)}
        <section class="panel sheet rooms" aria-labelledby="rooms-title">
          <header class="sheet-head">
            <div><h2 id="rooms-title">${t('worklist.title')}</h2>${place ? html`<b class="rooms-place">${this.#name(place)}</b>` : ''}</div>
            ${place ? this.#tools(rooms, groups) : ''}
          </header>
          ${place ? this.#head(place, rooms) : ''}
          <div class="sheet-scroll rooms-list" tabindex="-1">${this.#content(rooms, groups)}</div>
          ${rooms.within && this.config.mayAssign ? assignBar(this, rooms, groups) : ''}
        </section>
        ${this.printing && place ? paper(this, { place: this.#name(place), keeper: place.keeper, groups }) : ''}
      </div>`;
  }

  #name(place) {
    return named(place) || t('worklist.nowhere', { code: place.code });
  }

  // --- places --------------------------------------------------------------------------------------------

  #places({ places, within }) {
    const sought = this.sought.trim().toLowerCase();
    const found = places.list.filter((place) => !sought || [place.name, place.name_en, place.code, place.area_name, place.area_name_en, place.keeper]
      .some((text) => text?.toLowerCase().includes(sought)));
    const order = [...found].sort((one, other) => (toVisit(other) ?? 0) - (toVisit(one) ?? 0) || (one.code < other.code ? -1 : 1));
    return html`
      <aside class="panel sheet places" aria-label=${t('worklist.places')}>
        <header class="sheet-head">
          <div class="segments" role="group" aria-label=${t('worklist.level')}>${['grid', 'community'].map((level) => html`
            <button type="button" aria-pressed=${places.level === level} data-testid="level-${level}"
              @click=${() => this.actions.rooms.chooseLevel(level)}>${t(`grids.level.${level}`)}</button>`)}</div>
        </header>
        ${this.#conflicts()}
        <label class="seek"><shapan-icon name="search"></shapan-icon><input type="search" .value=${this.sought} data-testid="places-seek"
          placeholder=${t('worklist.seek')} aria-label=${t('worklist.seek')} @input=${(event) => { this.sought = event.target.value; }}></label>
        ${places.status === 'loading' || places.status === 'idle' ? html`<div role="status" aria-label=${t('worklist.loading')}>
          ${[1, 2, 3, 4].map(() => html`<div class="skeleton row"></div>`)}</div>` : ''}
        ${places.status === 'failed' ? this.#failure(places.error) : ''}
        ${(places.status === 'ready' || places.status === 'changing') && order.length === 0 ? html`<p class="hint places-none">${
          t(places.list.length ? 'worklist.places.none' : 'worklist.places.empty')}</p>` : ''}
        <ul class="sheet-scroll">${repeat(order.slice(0, PLACES), ({ code }) => code, (place) => html`
          <li><button type="button" class="quiet place-row" aria-current=${place.code === within} data-testid="place" data-code=${place.code}
            @click=${() => this.actions.rooms.go(place.code)}>
            <span class="place-name"><b>${this.#name(place)}</b>
              <small>${[place.area_name && (language() === 'en' ? place.area_name_en || place.area_name : place.area_name), place.keeper].filter(Boolean).join(' · ')}</small></span>
            <span class="place-count"><b data-testid="place-visit">${number(toVisit(place))}</b><small>${t('worklist.visit')}</small></span>
            ${this.#bar(place)}
          </button></li>`)}</ul>
        ${order.length > PLACES ? html`<p class="hint places-none">${t('worklist.places.rest', { count: number(order.length - PLACES) })}</p>` : ''}
      </aside>`;
  }

  /** The way to what keepers found and nobody has decided. */
  #conflicts() {
    const { open } = this.store.state.conflicts;
    return open ? html`<button type="button" class="quiet to-conflicts" data-testid="to-conflicts" @click=${() => this.actions.show('survey')}>
      <shapan-icon name="partial"></shapan-icon>${t('conflicts.count', { count: number(open) })}<shapan-icon name="forward"></shapan-icon></button>` : '';
  }

  #bar(place) {
    const share = progress(place);
    return html`<span class="rate-bar" ?data-hatched=${share === null} ${variables({ share: share ?? 0, swatch: 'var(--accent)' })}><i></i></span>`;
  }

  // --- the worklist --------------------------------------------------------------------------------------

  #head(place, rooms) {
    const share = progress(place);
    const figure = (name, value, more = '') => html`<div data-figure=${name}><dt>${t(`worklist.figure.${name}`)}</dt><dd>${value}${more}</dd></div>`;
    const fields = lacking(rooms.list.groups);
    return html`
      <dl class="rooms-figures">
        ${figure('progress', share === null ? '—' : percent(Math.floor(share * 100) / 100), this.#bar(place))}
        ${figure('rooms', number(place.rooms))}
        ${figure('incomplete', number(place.incomplete))}
        ${figure('missing', number(place.missing))}
        ${figure('assigned', number(place.assigned), place.overdue ? html` <small class="bad">${t('worklist.overdue', { count: number(place.overdue) })}</small>` : '')}
        ${figure('done', number(place.done))}
      </dl>
      <div class="rooms-filter">
        <label><span>${t('worklist.building')}</span>
          <select data-testid="filter-building" .value=${rooms.building} @change=${(event) => this.actions.rooms.filter({ building: event.target.value })}>
            <option value="" ?selected=${!rooms.building}>${t('worklist.building.all')}</option>
            ${rooms.list.groups.map(({ code, name }) => html`<option value=${code} ?selected=${code === rooms.building}>${name}</option>`)}
          </select></label>
        <div class="segments" role="group" aria-label=${t('worklist.field')}>
          <button type="button" aria-pressed=${rooms.field === ''} @click=${() => this.actions.rooms.filter({ field: '' })}>${t('worklist.field.any')}</button>
          ${fields.map(([field, count]) => html`<button type="button" aria-pressed=${rooms.field === field} data-testid="filter-${field}"
            @click=${() => this.actions.rooms.filter({ field: rooms.field === field ? '' : field })}>${lacks([field])} ${number(count)}</button>`)}
        </div>
        <label class="tick-line"><input type="checkbox" .checked=${rooms.open} data-testid="filter-open"
          @change=${(event) => this.actions.rooms.filter({ open: event.target.checked })}><span>${t('worklist.open')}</span></label>
      </div>`;
  }

  #tools({ list }, groups) {
    const whole = list.status === 'ready';
    return html`<div class="sheet-tools">
      <button type="button" data-testid="rooms-csv" ?disabled=${!whole || groups.length === 0} @click=${() => this.#save()}>
        <shapan-icon name="download"></shapan-icon>${t('data.export')}</button>
      <button type="button" data-testid="rooms-print" ?disabled=${!whole || groups.length === 0} @click=${() => this.#print()}>
        <shapan-icon name="print"></shapan-icon>${t('worklist.print')}</button></div>`;
  }

  #content({ within, list, chosen }, groups) {
    if (!within) {
      return html`<div class="nothing" data-testid="rooms-none-chosen"><shapan-icon name="door"></shapan-icon><h3>${t('worklist.choose')}</h3><p>${t('worklist.choose.hint')}</p></div>`;
    }
    const rest = list.status === 'loading' ? html`<div role="status" aria-label=${t('worklist.loading')}>${[1, 2, 3].map(() => html`<div class="skeleton row"></div>`)}</div>`
      : list.status === 'failed' ? this.#failure(list.error)
        : list.next ? html`<p class="run-more"><button type="button" data-testid="rooms-more" @click=${() => this.actions.rooms.more()}>${t('worklist.more')}</button></p>` : '';
    if (groups.length === 0 && list.status === 'ready' && !list.next) {
      const any = list.groups.length > 0;
      return html`<div class="nothing" data-testid="rooms-empty"><shapan-icon name="empty"></shapan-icon>
        <h3>${t(any ? 'worklist.filtered' : 'visit.none')}</h3><p>${t(any ? 'worklist.filtered.hint' : 'worklist.empty.hint')}</p></div>`;
    }
    const few = groups.length === 1 || groups.reduce((sum, group) => sum + group.rooms.length, 0) <= FEW;
    return html`${repeat(groups, ({ id }) => id, (group) => building(this, group, chosen, few))}${rest}`;
  }

  #failure(error) {
    return html`<div class="nothing" role="alert"><shapan-icon name="error"></shapan-icon>
      <h3>${t('worklist.failed')}</h3><p><b>${error.title}</b> ${error.detail} ${error.cure}</p>
      <button type="button" @click=${() => this.actions.rooms.again()}>${t('runs.retry')}</button></div>`;
  }

  // --- on paper and as a file ----------------------------------------------------------------------------

  /** All of the place, or of what the filter leaves of it; a big one is read to its end first. */
  async #whole() {
    if (this.store.state.rooms.list.next) await this.actions.rooms.more({ all: true });
    const { rooms } = this.store.state;
    return rooms.list.status === 'ready' ? filtered(rooms.list.groups, rooms) : null;
  }

  async #save() {
    const groups = await this.#whole();
    if (groups === null) return;
    const { rooms } = this.store.state;
    const place = rooms.places.list.find(({ code }) => code === rooms.within);
    const heads = ['code', 'building', 'unit', 'floor', 'room', 'missing', 'state'].map((name) => t(`worklist.csv.${name}`));
    const rows = lines(groups).map((line) => [
      line.code, line.building, line.unit, line.floor, line.room,
      line.room === null ? t('worklist.gap', { missing: number(line.lacks), recorded: number(line.recorded), expected: number(line.expected) }) : lacks(line.missing),
      t(line.assigned ? 'worklist.assigned' : 'worklist.unassigned')]);
    saveFile(fileName([t('worklist.title'), this.#name(place), dateTime(this.store.now(), this.config.timeZone).slice(0, 10)]), csvText(heads, rows));
  }

  async #print() {
    if (await this.#whole() === null) return;
    this.printing = true;
    await this.updateComplete;
    addEventListener('afterprint', () => { this.printing = false; }, { once: true }); // some browsers go on while they print
    print();
  }
}
customElements.define('shapan-rooms-panel', RoomsPanel);
