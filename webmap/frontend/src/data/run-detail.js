/** One run: what became of the rows, how columns became fields, every rejected row with its reason. */
import { html } from 'lit';
import { address } from '../config.js';
import { dateTime, number } from '../format.js';
import { t, term } from '../i18n/index.js';
import { Panel } from '../panels/panel.js';
import { conceptWord, progressOf, stateOf } from './run-table.js';
import { isActive } from './runs.js';

const FIGURES = ['read', 'inserted', 'updated', 'unchanged', 'rejected', 'unplaced'];

class RunDetail extends Panel {
  static topics = ['detail', 'catalogue'];

  static interval = 1000;

  render() {
    const { detail } = this.store.state;
    if (detail.status === 'closed') return '';
    return html`
      <article class="panel run-detail" data-testid="run-detail" data-status=${detail.status} data-id=${detail.id}
        aria-labelledby="detail-title" tabindex="-1">
        <header>
          <h2 id="detail-title">${t('detail.title', { id: detail.id })}</h2>
          <button type="button" class="quiet icon-button" title=${t('detail.close')} aria-label=${t('detail.close')}
            data-testid="detail-close" @click=${() => this.actions.close()}><shapan-icon name="close"></shapan-icon></button>
        </header>
        ${this.#content(detail)}
      </article>`;
  }

  /** A person with a keyboard goes on inside what has just opened. */
  updated() {
    const { id } = this.store.state.detail;
    if (id !== this.shown && id !== null) this.querySelector('.run-detail')?.focus({ preventScroll: true });
    this.shown = id;
  }

  #content({ status, run, error, cancelError }) {
    if (status === 'loading') {
      return html`<div role="status" aria-label=${t('detail.loading')}>
        <div class="skeleton wide"></div><div class="skeleton"></div><div class="skeleton block"></div></div>`;
    }
    if (status === 'failed') {
      return html`<p class="outcome" data-look="bad" role="alert"><shapan-icon name="error"></shapan-icon>
        <span><b>${t('detail.failed')}</b> ${error.title} ${error.detail} ${error.cure}</span></p>`;
    }
    const active = isActive(run);
    return html`
      <div class="detail-file"><b>${run.file}</b>
        <span>${conceptWord(run.concept, this.store.state.catalogue)}</span>${stateOf(run)}</div>
      ${run.state === 'running' ? html`<div class="detail-progress">${progressOf(run, this.store.now())}</div>` : ''}
      ${this.#outcome(run)}
      ${active && this.config.maySend ? html`<p><button type="button" data-testid="cancel" ?disabled=${run.cancelling}
        @click=${() => this.actions.cancel(run.id)}><shapan-icon name="ban"></shapan-icon>${t('detail.cancel')}</button></p>` : ''}
      ${cancelError ? html`<p class="hint bad" role="alert">${t('detail.cancel.failed', { detail: cancelError.message })}</p>` : ''}
      <dl class="run-figures">${FIGURES.map((name) => html`
        <div data-name=${name} ?data-zero=${!run[name === 'read' ? 'rows_read' : name]}><dt>${t(`runs.${name}`)}</dt>
          <dd data-testid="figure-${name}">${number(run[name === 'read' ? 'rows_read' : name])}</dd></div>`)}</dl>
      ${this.#facts(run)}
      ${active ? '' : this.#faults(run)}
      ${active ? '' : this.#mapping(run)}`;
  }

  #outcome(run) {
    if (run.error) {
      return html`<p class="outcome" data-look=${run.state === 'cancelled' ? 'calm' : 'bad'} data-testid="outcome">
        <shapan-icon name=${run.state === 'cancelled' ? 'ban' : 'error'}></shapan-icon>
        <span><b>${run.error}</b> ${run.cure ?? ''}</span></p>`;
    }
    if (run.state === 'failed' && run.rejected > 0) {
      return html`<p class="outcome" data-look="bad" data-testid="outcome"><shapan-icon name="error"></shapan-icon>
        <span><b>${t('detail.rejected', { rejected: number(run.rejected) })}</b>
        ${t('detail.rejected.cure', { rejected: number(run.rejected) })}</span></p>`;
    }
    if (run.dry_run && run.state === 'done') {
      return html`<p class="outcome" data-look="calm" data-testid="outcome"><shapan-icon name="trial"></shapan-icon>
        <span>${t('detail.trial')}</span></p>`;
    }
    return '';
  }

  #facts(run) {
    const { timeZone } = this.config;
    const facts = [
      ['account', run.account], ['source', run.source],
      ['queued', run.queued_at && dateTime(run.queued_at, timeZone)],
      ['started', run.started_at && dateTime(run.started_at, timeZone)],
      ['finished', run.finished_at && dateTime(run.finished_at, timeZone)],
      ['crs', run.crs && `${run.crs.source} · ${run.crs.operation} · ${accuracy(run.crs.accuracy_m)}`],
      ['repeated', run.repeated ? number(run.repeated) : ''], ['skipped', run.skipped ? number(run.skipped) : ''],
    ];
    return html`<dl class="run-facts">${facts.filter(([, value]) => value).map(([name, value]) => html`
      <div><dt>${t(`detail.${name}`)}</dt><dd data-testid="fact-${name}">${value}</dd></div>`)}</dl>`;
  }

  #faults(run) {
    if (run.faults_recorded === 0) return run.error ? '' : html`<p class="hint">${t('detail.faults.none')}</p>`;
    const left = run.faults_recorded - run.faults.length;
    return html`
      <section class="faults">
        <header><h3>${t('detail.faults')}</h3>
          <a class="button" download href=${address(this.config.urls.rejects, { id: run.id })} data-testid="download">
            <shapan-icon name="download"></shapan-icon>${t('detail.download')}</a></header>
        <ul class="reasons">${Object.entries(run.reasons).map(([reason, count]) => html`
          <li>${term('reason', reason)} <b>${number(count)}</b></li>`)}</ul>
        <table>
          <caption class="unseen">${t('detail.faults.first', { count: number(run.faults.length) })}</caption>
          <thead><tr>${['row', 'field', 'reason', 'message'].map((head) => html`
            <th scope="col" ?data-number=${head === 'row'}>${t(`detail.${head}`)}</th>`)}</tr></thead>
          <tbody>${run.faults.map((fault) => html`<tr>
            <td data-number>${number(fault.row)}</td><td><code>${fault.field || '—'}</code></td>
            <td>${term('reason', fault.reason)}</td><td>${fault.message}</td></tr>`)}</tbody>
        </table>
        ${run.next ? html`<p class="run-more"><button type="button" data-testid="more-faults"
          @click=${() => this.actions.moreFaults()}>${t('detail.more', { count: number(Math.min(left, 200)) })}</button></p>` : ''}
      </section>`;
  }

  #mapping(run) {
    const pairs = Object.entries(run.mapping);
    return html`
      <section class="mapping"><h3>${t('detail.mapping')}</h3>
        ${pairs.length === 0 ? html`<p class="hint">${t('detail.mapping.none')}</p>` : html`
          <dl>${pairs.map(([field, expression]) => html`<div>
            <dt>${field === '(key)' ? t('detail.key') : field}</dt>
            <dd>${expression ?? t('detail.mapping.own')}</dd></div>`)}</dl>`}
      </section>`;
  }
}

/** How far stored coordinates may lie from the true ones. */
function accuracy(metres) {
  if (metres === null) return t('detail.crs.unknown');
  return metres === 0 ? t('detail.crs.exact') : t('detail.crs.within', { metres: number(metres, 2) });
}
customElements.define('shapan-run-detail', RunDetail);
