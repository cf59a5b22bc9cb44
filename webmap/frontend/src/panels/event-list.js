/** 事件清单: the events of the moment, the newest first. It follows the playback four times a second, not with every frame. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { rowsOf } from '../events/event-account.js';
import { eventWords } from '../events/event-terms.js';
import { number, shortDateTime } from '../format.js';
import { named, t } from '../i18n/index.js';
import { classToken } from '../layers/events.js';
import { memo } from '../memo.js';
import { Panel, variables } from './panel.js';

/** Milliseconds between two pictures of the list while it is played. */
const CALM = 250;

/** Rows that the list is high, where there are as many; then its height stays, whatever the playback shows. */
const HIGH = 6;

class EventList extends Panel {
  static topics = ['eventView', 'eventDetails', 'playback', 'past', 'event', 'grids'];

  #open = true;
  #drawnAt = -Infinity;
  #hadFocus = false;

  /** Of the past: id → code of the grid. */
  #grids = memo((picture) => new Map(picture?.events.map(({ id, grid_code: grid }) => [id, grid])));

  /** Lit waits for this before it draws: changes that come meanwhile are drawn together. */
  async scheduleUpdate() {
    const wait = this.store.state.playback.playing ? this.#drawnAt + CALM - performance.now() : 0;
    if (wait > 0) await new Promise((done) => { setTimeout(done, wait); });
    this.#drawnAt = performance.now();
    super.scheduleUpdate();
  }

  render() {
    const moment = this.actions.events.moment();
    if (moment === null) return '';
    const { rows, more } = this.#open ? rowsOf(moment) : { rows: [], more: 0 };
    this.rows = rows;
    const { playback, past } = this.store.state;
    const high = Math.min(HIGH, moment.events.length);
    return html`
      <details class="event-list" ?open=${this.#open} @toggle=${this.#toggle}>
        <summary data-testid="list-open"><shapan-icon name="list"></shapan-icon>${t('events.list')}
          <b class="list-count">${number(moment.end - moment.start)}</b><shapan-icon class="chevron" name="chevron"></shapan-icon></summary>
        <div class="event-rows" tabindex="-1" ${variables({ rows: high })} data-testid="event-rows"
          data-from=${moment.start} data-to=${moment.end}>
          ${rows.length === 0 ? html`<p class="hint">${t(playback.on && !past.on ? 'events.list.moment' : 'events.list.none')}</p>` : html`
            <ul>${repeat(rows, ({ id }) => id, (row) => this.#row(row))}</ul>
            ${more > 0 ? html`<p class="hint" data-testid="list-more" data-value=${more}>${t('events.list.more', { count: number(more) })}</p>` : ''}`}
        </div>
      </details>`;
  }

  #toggle = ({ target }) => {
    if (target.open === this.#open) return;
    this.#open = target.open;
    this.requestUpdate();
  };

  #row(row) {
    const { eventClasses, event, past } = this.store.state;
    const overdue = !past.on && !row.done && (this.actions.events.details.overdue()?.ids.has(row.id) ?? false);
    const place = this.#place(row.id);
    const kind = row.code === '' ? t('events.account.unknown') : eventWords(eventClasses, row.code);
    return html`<li><button type="button" class="event-row" data-testid="event-row" data-id=${row.id} ?data-now=${row.now}
      aria-current=${row.id === event.id ? 'true' : 'false'} @click=${() => this.actions.opening.flyToEvent(row)}>
      <i class="point-swatch ${row.done ? 'finished' : ''}" ${variables({ swatch: `var(--${classToken(row.code)})` })}></i>
      <b title=${kind}>${kind}</b>
      <span class="row-state ${overdue ? 'overdue' : ''}">${overdue ? t('events.list.overdue') : row.state ? t(`event.state.${row.state}`) : ''}</span>
      <span class="row-where" title=${place}><time>${shortDateTime(row.at, this.config.timeZone)}</time> ${place}</span></button></li>`;
  }

  /** As people wrote it, where they may be read; else the grid. Of the past there is the grid. */
  #place(id) {
    const { past } = this.store.state;
    const { place, grid } = past.on ? { grid: this.#grids(past.picture).get(id) } : this.actions.events.details.placeOf(id) ?? {};
    return place ?? (grid ? named(this.actions.gridMap.figures.place(grid)) || grid : '');
  }

  willUpdate() {
    this.#hadFocus = this.contains(document.activeElement);
  }

  /** The row that had the focus may be gone: then the list has it, not the page. */
  updated() {
    if (this.#hadFocus && !this.contains(document.activeElement)) this.querySelector('.event-rows')?.focus({ preventScroll: true });
    if (this.#open && this.rows?.length && !this.store.state.past.on) this.actions.events.details.want(this.rows);
  }
}
customElements.define('shapan-event-list', EventList);

export const eventList = (panel) => html`<shapan-event-list .store=${panel.store} .actions=${panel.actions} .config=${panel.config}></shapan-event-list>`;
