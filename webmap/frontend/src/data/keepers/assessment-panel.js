/** 考核: load, in time or late, coverage, of keepers, grids or communities in a period. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { duration, number } from '../../format.js';
import { language, t } from '../../i18n/index.js';
import { Panel, variables } from '../../panels/panel.js';
import { printed } from '../printed.js';
import { csvText, fileName, saveFile } from '../csv.js';
import { COLUMNS, coveragePage, ordered, PERIODS, totals } from './assessment.js';

/** A cell as a person reads it. A share is cut: 99.7 % is not all. */
function cellText({ share, seconds }, value) {
  if (value === null || value === undefined) return '—';
  if (share) return `${number(Math.floor(value * 100 + 1e-9))}%`;
  return seconds ? duration(value * 1000) : number(value);
}

class AssessmentPanel extends Panel {
  static topics = ['assessment'];

  render() {
    const { assessment } = this.store.state;
    const rows = ordered(assessment.rows, assessment.sort, new Intl.Collator(language(), { numeric: true }));
    return html`
      <section class="panel sheet assessment" aria-labelledby="assessment-title" data-testid="assessment" data-status=${assessment.status} data-by=${assessment.by}>
        <header class="sheet-head">
          <div><h2 id="assessment-title">${t('assessment.title')}</h2>${this.#period(assessment)}</div>
          <div class="sheet-tools">
            ${this.#coverage(assessment)}
            ${printed(this)}
            <button type="button" data-testid="assessment-csv" ?disabled=${rows.length === 0} @click=${() => this.#save(rows)}>
              <shapan-icon name="download"></shapan-icon>${t('data.export')}</button>
            <button type="button" @click=${() => print()}><shapan-icon name="print"></shapan-icon>${t('data.print')}</button>
          </div>
        </header>
        ${assessment.coverageFault ? html`<p class="outcome" data-look="bad" role="alert"><shapan-icon name="error"></shapan-icon>
          <span>${assessment.coverageFault.detail || assessment.coverageFault.title}</span></p>` : ''}
        ${this.#content(assessment, rows)}
      </section>`;
  }

  #period({ by, period, own }) {
    const days = this.actions.assessment.days();
    const date = (name) => html`<input type="date" .value=${days[name]} aria-label=${t(`assessment.${name}`)} data-testid="assessment-${name}"
      @change=${(event) => this.actions.assessment.choose({ period: 'own', own: { ...days, ...own, [name]: event.target.value } })}>`;
    return html`
      <div class="segments" role="group" aria-label=${t('assessment.by')}>${['keeper', 'grid', 'community'].map((one) => html`
        <button type="button" aria-pressed=${one === by} data-testid="by-${one}" @click=${() => this.actions.assessment.choose({ by: one })}>${t(`assessment.by.${one}`)}</button>`)}</div>
      <div class="segments" role="group" aria-label=${t('assessment.period')}>${PERIODS.filter((one) => one !== 'own').map((one) => html`
        <button type="button" aria-pressed=${one === period} data-testid="period-${one}" @click=${() => this.actions.assessment.choose({ period: one })}>${t(`assessment.period.${one}`)}</button>`)}</div>
      <span class="assessment-days">${date('from')} – ${date('to')}</span>`;
  }

  /** Coverage is made of where keepers were: a right of its own, and much work for the server. */
  #coverage({ by, covering, window, rows }) {
    if (!this.config.urls.keepers || by === 'community' || window === null || rows.length === 0) return '';
    if (covering) {
      return html`<span class="covering" role="status">${t('assessment.covering', { done: number(covering.done), total: number(covering.total) })}
        <button type="button" @click=${() => this.actions.assessment.stopCovering()}>${t('assessment.cover.stop')}</button></span>`;
    }
    const possible = coveragePage(window) > 0;
    return html`<button type="button" data-testid="cover" ?disabled=${!possible} title=${t(possible ? 'assessment.cover.hint' : 'assessment.cover.long')}
      @click=${() => this.actions.assessment.cover()}><shapan-icon name="steps"></shapan-icon>${t('assessment.cover')}</button>`;
  }

  #columns() {
    const { rows, by } = this.store.state.assessment;
    const covered = by !== 'community' && rows.some((row) => 'area_share' in row);
    return COLUMNS.filter(({ coverage }) => !coverage || covered);
  }

  #content(assessment, rows) {
    if (assessment.status === 'refused') {
      return html`<div class="nothing" role="alert"><shapan-icon name="clock"></shapan-icon><h3>${t('assessment.refused')}</h3></div>`;
    }
    if (assessment.status === 'failed') {
      const { error } = assessment;
      return html`<div class="nothing" role="alert"><shapan-icon name="error"></shapan-icon><h3>${t('assessment.failed')}</h3>
        <p><b>${error.title}</b> ${error.detail} ${error.cure}</p><button type="button" @click=${() => this.actions.assessment.again()}>${t('runs.retry')}</button></div>`;
    }
    if (assessment.rows.length === 0 && assessment.status !== 'ready') {
      return html`<div role="status" aria-label=${t('assessment.loading')}>${[1, 2, 3, 4, 5].map(() => html`<div class="skeleton row"></div>`)}</div>`;
    }
    if (rows.length === 0) {
      return html`<div class="nothing" data-testid="assessment-empty"><shapan-icon name="keeper"></shapan-icon><h3>${t(`assessment.empty.${assessment.by}`)}</h3>
        <p><code>shapan import ${{ keeper: 'keepers', grid: 'grids', community: 'areas' }[assessment.by]} FILE</code></p></div>`;
    }
    const columns = this.#columns();
    const all = totals(rows);
    const groups = [['events', columns.filter(({ name }) => /^(events|accept|finish)/.test(name))],
      ['tasks', columns.filter(({ name }) => name.startsWith('tasks'))], ['coverage', columns.filter(({ coverage }) => coverage)]];
    return html`
      <div class="sheet-scroll" tabindex="-1"><table class="sheet-table">
        <thead>
          <tr class="groups"><th></th>${groups.filter(([, inside]) => inside.length).map(([name, inside]) => html`<th colspan=${inside.length} scope="colgroup">${t(`assessment.group.${name}`)}</th>`)}</tr>
          <tr>${this.#head('name', t(`assessment.by.${assessment.by}`), assessment.sort)}${columns.map(({ name }) => this.#head(name, t(`assessment.${name}`), assessment.sort))}</tr>
        </thead>
        <tbody>${repeat(rows, ({ code }) => code, (row) => html`<tr data-code=${row.code}>
          <th scope="row">${row.name ?? row.code}<small>${row.code}</small></th>
          ${columns.map((column) => html`<td data-number data-col=${column.name} ?data-zero=${!row[column.name]} ?data-bad=${column.bad && row[column.name] > 0}
            >${cellText(column, row[column.name])}${column.share && (row[column.name] ?? null) !== null ? html`<span class="rate-bar" ${variables({ share: row[column.name], swatch: 'var(--accent)' })}><i></i></span>` : ''}</td>`)}
        </tr>`)}</tbody>
        <tfoot><tr><th scope="row">${t('assessment.total', { count: number(rows.length) })}</th>${columns.map((column) => html`<td data-number
          >${column.name in all ? cellText(column, all[column.name]) : ''}</td>`)}</tr></tfoot>
      </table></div>`;
  }

  #head(by, title, sort) {
    const state = sort.by === by ? (sort.down ? 'descending' : 'ascending') : 'none';
    const hint = by === 'name' ? t('data.sort') : t(`assessment.hint.${by}`);
    return html`<th scope="col" aria-sort=${state} ?data-number=${by !== 'name'}><button type="button" class="quiet sort" title=${hint} data-testid="assess-${by}"
      @click=${() => this.actions.assessment.sortBy(by)}>${title}<shapan-icon name=${sort.by === by && sort.down ? 'down' : 'up'}></shapan-icon></button></th>`;
  }

  #save(rows) {
    const columns = this.#columns();
    const { by } = this.store.state.assessment;
    const { from, to } = this.actions.assessment.days();
    const heads = [t('rates.csv.code'), t(`assessment.by.${by}`), ...columns.map(({ name }) => `${t(`assessment.group.${/^tasks/.test(name) ? 'tasks' : /share$/.test(name) && !/^events/.test(name) ? 'coverage' : 'events'}`)} ${t(`assessment.csv.${name}`)}`)];
    saveFile(fileName([t('assessment.title'), t(`assessment.by.${by}`), from, to]), csvText(heads, rows.map((row) => [
      row.code, row.name, ...columns.map(({ name, share, seconds }) => {
        const value = row[name] ?? null;
        if (value === null) return null;
        return share ? cellText({ share }, value) : seconds ? Math.round(value) : value;
      })])));
  }
}
customElements.define('shapan-assessment-panel', AssessmentPanel);
