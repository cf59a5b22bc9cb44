/** 采集核对: the conflicts on the left, on the right what stands against what, photographs, and the decision. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { dateTime, number, shortDateTime } from '../../format.js';
import { language, t } from '../../i18n/index.js';
import { Panel } from '../../panels/panel.js';
import { word } from '../../survey/survey-words.js';
import { reasonOf, rowsOf, takeable } from './conflicts.js';

const TABS = ['open', 'settled'];

/** Characters that a remark may have. */
const REMARK = 200;

const title = ({ building_name: building, unit, number: room }) => html`<b>${building ?? t('conflicts.building.gone')}</b>
  <span>${t('survey.room', { unit: unit ?? '—', number: room ?? '—' })}</span>`;

class ConflictsPanel extends Panel {
  static topics = ['conflicts'];

  #outcome = null;

  render() {
    const { conflicts } = this.store.state;
    return html`<div class="conflicts-parts" data-testid="conflicts" data-status=${conflicts.status} data-tab=${conflicts.tab}>
      ${this.#list(conflicts)}
      <section class="panel sheet conflict" aria-labelledby="conflict-title">${this.#one(conflicts)}</section></div>`;
  }

  updated() {
    // The button that was pressed is gone: whoever works by keyboard goes on at the next one.
    const { outcome } = this.store.state.conflicts;
    if (outcome && outcome !== this.#outcome) this.querySelector('#conflict-title')?.focus();
    this.#outcome = outcome;
  }

  // --- the list ------------------------------------------------------------------------------------------

  #list(conflicts) {
    const { tab, within, status, error, list, settled, next, total } = conflicts;
    const shown = tab === 'open' ? list : settled;
    return html`
      <aside class="panel sheet conflicts-list" aria-label=${t('conflicts.title')}>
        <header class="sheet-head">
          <div class="segments" role="group" aria-label=${t('conflicts.which')}>${TABS.map((each) => html`
            <button type="button" aria-pressed=${tab === each} data-testid="conflicts-${each}" @click=${() => this.actions.conflicts.show(each)}
              >${t(`conflicts.tab.${each}`)}${each === 'open' && status === 'ready' ? ` ${number(total)}` : ''}</button>`)}</div>
          ${within ? html`<button type="button" class="quiet" data-testid="conflicts-everywhere" @click=${() => this.actions.conflicts.everywhere()}
            ><shapan-icon name="close"></shapan-icon>${t('conflicts.within', { code: within })}</button>` : ''}
        </header>
        ${status === 'loading' || status === 'idle' ? html`<div role="status" aria-label=${t('conflicts.loading')}>
          ${[1, 2, 3, 4].map(() => html`<div class="skeleton row"></div>`)}</div>` : ''}
        ${error ? html`<div class="notice failure" role="alert" data-testid="conflicts-failed"><p>${t(status === 'failed' ? 'conflicts.failed' : 'conflicts.old')} ${error.title}</p>
          <button type="button" @click=${() => this.actions.conflicts.again()}>${t('runs.retry')}</button></div>` : ''}
        <ul class="sheet-scroll" tabindex="-1">${repeat(status === 'ready' ? shown : [], ({ id }) => id, (one) => this.#row(one, conflicts))}
          ${tab === 'open' && next && status === 'ready' ? html`<li><button type="button" class="quiet" data-testid="conflicts-more"
            @click=${() => this.actions.conflicts.more()}>${t('conflicts.more')}</button></li>` : ''}</ul>
      </aside>`;
  }

  #row(one, { chosen }) {
    const at = one.settled_at ?? one.received_at;
    return html`<li><button type="button" class="quiet conflict-row" aria-current=${one.id === chosen} data-testid="conflict-row" data-id=${one.id}
      @click=${() => this.actions.conflicts.choose(one.id)}>
      <span class="conflict-name">${title(one)}</span>
      <small>${[one.keeper_name ?? one.keeper, shortDateTime(at, this.config.timeZone)].join(' · ')}</small>
      <small class="conflict-why"><shapan-icon name=${one.settled_at ? 'check' : 'partial'}></shapan-icon>${
        one.settled_at ? t(`conflicts.ended.${one.settled_how}`) : t(`conflicts.short.${reasonOf(one)}`)}</small>
    </button></li>`;
  }

  // --- one of them ---------------------------------------------------------------------------------------

  #one(conflicts) {
    const one = this.actions.conflicts.chosen();
    const done = conflicts.outcome ? html`<p class="notice conflict-done" role="status" data-testid="conflict-outcome"><shapan-icon name="check"></shapan-icon>${
      t('conflicts.outcome', { what: t(`conflicts.ended.${conflicts.outcome.settled_how}`), building: conflicts.outcome.building_name ?? '', room: conflicts.outcome.number ?? '' })}</p>` : '';
    if (one === null && conflicts.missing) {
      return html`${done}<div class="nothing" role="status" data-testid="conflict-missing"><shapan-icon name="empty"></shapan-icon>
        <h3 id="conflict-title" tabindex="-1">${t('conflicts.missing')}</h3></div>`;
    }
    if (one === null) {
      return html`${done}<div class="nothing" data-testid="conflicts-empty"><shapan-icon name="empty"></shapan-icon>
        <h3 id="conflict-title" tabindex="-1">${conflicts.status === 'ready' ? t(`conflicts.empty.${conflicts.tab}`) : t('conflicts.title')}</h3>
        ${conflicts.status === 'ready' ? html`<p>${t(`conflicts.empty.${conflicts.tab}.hint`)}</p>` : ''}</div>`;
    }
    const zone = this.config.timeZone;
    const fact = (name, value) => html`<div><dt>${t(`conflicts.${name}`)}</dt><dd>${value}</dd></div>`;
    return html`
      ${done}
      <header class="sheet-head"><div><h2 id="conflict-title" tabindex="-1">${title(one)}</h2></div>
        ${this.#state(one)}</header>
      <div class="sheet-scroll conflict-body" tabindex="-1" data-testid="conflict-one" data-id=${one.id}>
        <p class="conflict-reason">${t(`conflicts.reason.${reasonOf(one)}`)}</p>
        <dl class="conflict-facts">
          ${fact('keeper', html`${one.keeper_name ?? one.keeper}${one.keeper_name ? html` <small>${one.keeper}</small>` : ''}`)}
          ${fact('at', dateTime(one.at, zone))}${fact('received', dateTime(one.received_at, zone))}${fact('grid', one.grid_code)}
        </dl>
        ${this.#compared(one, conflicts)}
        ${this.#photos(one, conflicts)}
      </div>
      ${one.settled_at ? this.#ended(one, conflicts) : this.config.maySettle ? this.#decision(one, conflicts) : html`<footer class="conflict-foot"><p class="hint">${t('conflicts.readonly')}</p></footer>`}`;
  }

  #state(one) {
    return html`<span class="conflict-state" data-settled=${one.settled_at ? 'yes' : 'no'}><shapan-icon name=${one.settled_at ? 'check' : 'partial'}></shapan-icon>${
      t(one.settled_at ? `conflicts.ended.${one.settled_how}` : 'conflicts.tab.open')}</span>`;
  }

  #compared(one, { form }) {
    const label = (name) => form.find((field) => field.name === name).label[language()];
    const rows = rowsOf(one, form);
    return html`<table class="sheet-table conflict-table">
      <thead><tr><th scope="col">${t('conflicts.field')}</th><th scope="col">${t('conflicts.now')}${one.now?.surveyed_at ? html`<small>${t('conflicts.surveyed', { day: one.now.surveyed_at })}</small>` : ''}</th>
        <th scope="col">${t('conflicts.said')}</th></tr></thead>
      <tbody>${rows.map(({ name, said, now, before, differs, moved }) => html`<tr data-field=${name} ?data-differs=${differs}>
        <th scope="row">${label(name)}</th>
        <td>${one.now === null ? t('conflicts.absent') : word(form, name, now)}${moved ? html`<small>${t('conflicts.before', { value: word(form, name, before) })}</small>` : ''}</td>
        <td>${word(form, name, said)}${differs ? html` <i class="differs" title=${t('conflicts.differs')}>≠<span class="unseen">${t('conflicts.differs')}</span></i>` : ''}</td></tr>`)}</tbody></table>
      ${one.now !== null && rows.some(({ name }) => name === 'floor') ? html`<p class="hint" data-testid="conflict-storey">${t('survey.storey.stands')}</p>` : ''}`;
  }

  #photos(one, { photos }) {
    if (one.photos.length === 0) return html`<p class="hint">${t('conflicts.photos.none')}</p>`;
    if (!this.config.urls.surveyPhoto) return html`<p class="hint">${t('conflicts.photos.not', { count: one.photos.length })}</p>`;
    return html`<div class="conflict-photos">
      ${photos.status === 'hidden' ? html`<button type="button" data-testid="conflict-look" @click=${() => this.actions.conflicts.look()}><shapan-icon name="eye"></shapan-icon>${
        t('conflicts.photos.look', { count: one.photos.length - photos.urls.length })}</button><small>${t('conflicts.photos.hint')}</small>` : ''}
      ${photos.status === 'loading' ? html`<p role="status">${t('conflicts.photos.loading')}</p>` : ''}
      ${photos.urls.map((url, at) => html`<img src=${url} alt=${t('conflicts.photos.alt', { number: at + 1 })} data-testid="conflict-photo">`)}
      ${photos.error ? html`<p class="bad" role="alert">${photos.error.status === 429
        ? t('conflicts.photos.many', { minutes: Math.ceil((photos.error.retryS ?? 60) / 60) }) : `${t('conflicts.photos.failed')} ${photos.error.title}`}</p>` : ''}</div>`;
  }

  #decision(one, { remark, sending, fault }) {
    const why = t(one.now === null ? 'conflicts.aside' : 'conflicts.keep');
    return html`<form class="conflict-foot" @submit=${(event) => event.preventDefault()}>
      ${this.#fault(fault)}
      <label><span>${t('conflicts.remark')}</span><input maxlength=${REMARK} autocomplete="off" .value=${remark} data-testid="conflict-remark" placeholder=${t('conflicts.remark.hint')}
        @input=${({ target }) => this.actions.conflicts.setRemark(target.value)}></label>
      <div class="conflict-buttons">
        <p class="hint">${t(takeable(one) ? 'conflicts.remark.needed' : 'conflicts.untakeable')}</p>
        <button type="button" data-testid="conflict-record" ?disabled=${sending || !remark.trim()} title=${remark.trim() ? '' : t('conflicts.remark.needed')}
          @click=${(event) => this.#decide(event, 'record')}>${why}</button>
        <button type="button" class="primary" data-testid="conflict-form" ?disabled=${sending || !takeable(one)}
          @click=${(event) => this.#decide(event, 'form')}>${t(one.now === null ? 'conflicts.enter' : 'conflicts.take')}</button>
      </div></form>`;
  }

  /** The second click of a double one would decide about the next conflict, which nobody has looked at. */
  #decide(event, take) {
    if (event.detail <= 1) this.actions.conflicts.decide(take);
  }

  #fault(fault) {
    if (fault === null) return '';
    const fields = (fault.faults ?? []).map(({ place }) => this.#label(place)).join('、');
    const refused = fields ? t('conflicts.refused.values', { fields }) : `${t('conflicts.refused')} ${fault.title}`;
    const sentence = fault.moved ? t(`conflicts.moved.${fault.moved}`) : refused;
    return html`<p class="bad" role="alert" data-testid="conflict-fault">${sentence}</p>`;
  }

  #label(place) {
    return this.store.state.conflicts.form.find(({ name }) => name === place)?.label[language()] ?? { unit: t('survey.unit.label'), building: t('conflicts.building') }[place] ?? place;
  }

  #ended(one, { fault }) {
    return html`<footer class="conflict-foot" data-testid="conflict-ended">${this.#fault(fault)}
      <p>${t('conflicts.ended.by', { who: one.settled_who ?? '—', at: dateTime(one.settled_at, this.config.timeZone), what: t(`conflicts.ended.${one.settled_how}`) })}</p>
      ${one.remark ? html`<p>${t('conflicts.remark.said', { remark: one.remark })}</p>` : ''}</footer>`;
  }
}
customElements.define('shapan-conflicts-panel', ConflictsPanel);
