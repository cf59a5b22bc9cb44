/** One run: what became of the rows, how columns became fields, every rejected row with its reason. */
import { html, nothing } from 'lit';
import { address } from '../config.js';
import { dateTime, number } from '../format.js';
import { t, term } from '../i18n/index.js';
import { Panel } from '../panels/panel.js';
import { conceptWord, progressOf, stateOf } from './run-table.js';
import { isActive } from './runs.js';
import { size } from './upload.js';

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

  /** A person with a keyboard goes on inside what has just opened, and after it where it was opened. */
  updated() {
    const { id } = this.store.state.detail;
    if (id !== this.shown && id !== null) this.querySelector('.run-detail')?.focus({ preventScroll: true });
    if (id === null && this.shown && document.activeElement === document.body) {
      document.querySelector(`tr[data-run-id="${this.shown}"] .run-open`)?.focus();
    }
    this.shown = id;
  }

  #content({ status, run, error, refusal }) {
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
      ${(run.warnings ?? []).map((sentence) => html`<p class="hint" data-testid="warning">${sentence}</p>`)}
      ${this.config.maySend && run.resumable ? html`<p class="detail-act"><button type="button" class="primary"
        data-testid="resume" @click=${() => this.actions.resume(run.id)}><shapan-icon name="play"></shapan-icon>${t('detail.resume')}</button>
        <small>${t(run.rows_read ? 'detail.resume.hint' : 'detail.resume.anew', { read: number(run.rows_read) })}</small></p>` : ''}
      ${active && this.config.maySend ? html`<p><button type="button" data-testid="cancel" ?disabled=${run.cancelling}
        @click=${() => this.actions.cancel(run.id)}><shapan-icon name="ban"></shapan-icon>${t('detail.cancel')}</button></p>` : ''}
      ${refusal ? html`<p class="hint bad" role="alert">${t(refusal.sentence, { detail: refusal.detail })}</p>` : ''}
      <dl class="run-figures">${FIGURES.map((name) => html`
        <div data-name=${name} ?data-zero=${!run[name === 'read' ? 'rows_read' : name]}><dt>${t(`runs.${name}`)}</dt>
          <dd data-testid="figure-${name}">${number(run[name === 'read' ? 'rows_read' : name])}</dd></div>`)}</dl>
      ${active ? '' : this.#correction(run)}
      ${this.#facts(run)}
      ${active ? '' : this.#faults(run)}
      ${active ? '' : this.#mapping(run)}`;
  }

  #outcome(run) {
    if (run.resumable) {
      return html`<p class="outcome" data-look="bad" data-testid="outcome"><shapan-icon name="error"></shapan-icon>
        <span title=${run.error ?? ''}><b>${t('detail.stopped')}</b> ${t('detail.stopped.cure', { id: run.id })}</span></p>`;
    }
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

  /** The rejected rows to be corrected, and the way back for them. */
  #correction(run) {
    if (!this.config.maySend) return '';
    const { reject_file: file, request } = run;
    if (!file && !(request && run.state === 'failed' && !run.resumable)) return '';
    return html`
      <section class="correction" data-testid="correction" data-state=${file?.state ?? 'none'}>
        <h3>${t('detail.correct')}</h3>
        ${file ? this.#rejectFile(run, file) : html`<p>${t('detail.correct.same')}</p>`}
        ${request && file?.state !== 'writing' ? html`<div class="steps">
          ${file?.state === 'ready' ? html`<a class="button primary" download data-testid="reject-file"
            href=${address(this.config.urls.rejectFile, { id: run.id })}><shapan-icon name="download"></shapan-icon>${t('detail.correct.get')}</a>`
            : nothing}
          <button type="button" data-testid="correct" @click=${() => this.actions.upload.correct(run)}>
            <shapan-icon name="upload"></shapan-icon>${t('detail.correct.send')}</button></div>` : ''}
      </section>`;
  }

  #rejectFile(run, file) {
    if (file.state === 'writing') return html`<p role="status">${t('detail.correct.writing')}</p><div class="skeleton"></div>`;
    if (file.state === 'withheld') {
      return html`<p>${t('detail.correct.withheld')}</p>
        <p><code>shapan import ${run.concept} FILE --source "${run.source}" --rejects FILE.csv</code></p>`;
    }
    if (file.state === 'gone') return html`<p>${file.why ?? t('detail.correct.gone')} ${t('detail.correct.gone.cure')}</p>`;
    return html`
      <p class="kept"><b>${file.name}</b> <span>${size(file.bytes)}</span>
        <span>${t('detail.correct.until', { until: dateTime(file.until, this.config.timeZone).slice(0, 16) })}</span></p>
      <p>${t(run.state === 'done' ? 'detail.correct.rest' : 'detail.correct.nothing', { rejected: number(run.rejected) })}</p>`;
  }

  #facts(run) {
    const { timeZone } = this.config;
    const facts = [
      ['account', run.account], ['source', run.source],
      ['queued', run.queued_at && dateTime(run.queued_at, timeZone)],
      ['started', run.started_at && dateTime(run.started_at, timeZone)],
      ['finished', run.finished_at && dateTime(run.finished_at, timeZone)],
      ['crs', run.crs && `${run.crs.source} · ${operation(run.crs)} · ${accuracy(run.crs.accuracy_m)}`],
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

/** How coordinates became stored ones, as PROJ calls it. */
function operation(crs) {
  return crs.operation === 'stored as it is' ? t('detail.crs.same') : crs.operation;
}

/** How far stored coordinates may lie from the true ones. */
function accuracy(metres) {
  if (metres === null) return t('detail.crs.unknown');
  return metres === 0 ? t('detail.crs.exact') : t('detail.crs.within', { metres: number(metres, 2) });
}
customElements.define('shapan-run-detail', RunDetail);
