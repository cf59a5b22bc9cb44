/** 导入记录: every run with its counts, the newest first. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { ago, dateTime, duration, number } from '../format.js';
import { language, t } from '../i18n/index.js';
import { Panel, variables } from '../panels/panel.js';
import { begun, elapsed, isActive, KIND_ICONS, kindOf, rate, share } from './runs.js';

const COUNTS = ['inserted', 'updated', 'unchanged', 'rejected', 'unplaced'];
const HEADS = ['time', 'concept', 'file', 'state', 'read', ...COUNTS, 'duration'];
const NUMBERS = new Set(['read', ...COUNTS, 'duration']);

/** The word for a concept: Chinese as the catalogue has it, else its name. */
export function conceptWord(name, catalogue) {
  if (language() === 'en') return name;
  return catalogue.concepts.find((concept) => concept.name === name)?.title ?? name;
}

/** Icon and word of a run's state. */
export function stateOf(run) {
  const kind = kindOf(run);
  return html`<span class="run-state" data-kind=${kind}>
    <shapan-icon name=${KIND_ICONS[kind]}></shapan-icon>${t(`run.${kind}`)}</span>`;
}

/** A bar of how far a run is, with rows, rate and step in words. */
export function progressOf(run, now) {
  const part = share(run);
  const speed = rate(run, now);
  const rows = part === null ? t('runs.progress.open', { read: number(run.rows_read) })
    : t('runs.progress', { read: number(run.rows_read), total: number(run.rows_expected) });
  const words = [run.step ? t(`step.${run.step}`) : rows, speed && !run.step ? t('runs.rate', { rate: number(speed) }) : '']
    .filter(Boolean).join(' · ');
  return html`<span class="run-progress" ?data-open=${part === null || Boolean(run.step)}
    ${variables({ share: part ?? 1 })} role="progressbar" aria-valuemin="0" aria-valuemax="100"
    aria-valuenow=${part === null ? '' : Math.round(part * 100)} aria-label=${words}><i></i></span>
    <small class="run-words">${words}</small>`;
}

/** "0.4 s" for what is quick, "12 s" and "3 min" for what is not. */
export function took(milliseconds) {
  if (milliseconds === null) return '—';
  if (milliseconds < 10_000) return t('duration.short', { seconds: number(milliseconds / 1000, 1) });
  return duration(milliseconds);
}

/** Why nothing was imported, in a few words; '' where something was. */
function trouble(run) {
  if (run.resumable) return t('detail.stopped');
  if (run.state === 'failed' && !run.error) return t('runs.refused', { rejected: number(run.rejected) });
  return run.state === 'failed' ? run.error : '';
}

class RunTable extends Panel {
  static topics = ['runs', 'detail', 'catalogue'];

  static interval = 1000;

  render() {
    const { runs } = this.store.state;
    return html`
      <section class="panel runs" aria-labelledby="runs-title" data-testid="runs" data-status=${runs.status}>
        <header><h2 id="runs-title">${t('runs.title')}</h2>
          ${runs.list.length ? html`<small>${t('runs.count', { count: number(runs.list.length) })}</small>` : ''}</header>
        ${this.#content(runs)}
      </section>`;
  }

  #content(runs) {
    if (runs.status === 'loading') {
      return html`<div role="status" aria-label=${t('runs.loading')}>
        ${[1, 2, 3, 4, 5].map(() => html`<div class="skeleton row"></div>`)}</div>`;
    }
    if (runs.status === 'failed') {
      return html`<div class="nothing" role="alert" data-testid="runs-error"><shapan-icon name="error"></shapan-icon>
        <h3>${t('runs.failed')}</h3><p><b>${runs.error.title}</b> ${runs.error.detail} ${runs.error.cure}</p>
        <button type="button" @click=${() => this.actions.look()}>${t('runs.retry')}</button></div>`;
    }
    if (runs.list.length === 0) {
      return html`<div class="nothing" data-testid="runs-empty"><shapan-icon name="data"></shapan-icon>
        <h3>${t('runs.empty')}</h3><p>${t('runs.empty.hint')}</p>
        <p><code>shapan import buildings blocks.gpkg</code></p></div>`;
    }
    return this.#table(runs);
  }

  #table(runs) {
    const now = this.store.now();
    return html`
      <div class="run-scroll">
        <table>
          <thead><tr>${HEADS.map((head) => html`<th scope="col" data-col=${head} ?data-number=${NUMBERS.has(head)}
            title=${head === 'unplaced' ? t('runs.unplaced.hint') : ''}>${t(`runs.${head}`)}</th>`)}</tr></thead>
          <tbody>${repeat(runs.list, ({ id }) => id, (run) => this.#row(run, now))}</tbody>
        </table>
        ${runs.next ? html`<p class="run-more"><button type="button" data-testid="runs-more"
          @click=${() => this.actions.more()}>${t('runs.more')}</button></p>` : ''}
      </div>`;
  }

  #row(run, now) {
    const { detail, catalogue } = this.store.state;
    const at = begun(run);
    return html`
      <tr data-run-id=${run.id} data-state=${run.state} data-kind=${kindOf(run)} aria-selected=${detail.id === run.id}
        @click=${() => this.actions.open(run.id)}>
        <td data-col="time"><time title=${dateTime(at, this.config.timeZone)}>${ago(at, now)}</time></td>
        <td data-col="concept">${conceptWord(run.concept, catalogue)}</td>
        <td data-col="file"><button type="button" class="quiet run-open" title=${t('runs.open', { id: run.id })}
          aria-label="${run.file}, ${t('runs.open', { id: run.id })}">${run.file}</button>
          <small>${trouble(run) ? html`<span class="bad">${trouble(run)}</span>` : run.account}</small></td>
        <td data-col="state">${stateOf(run)}${run.state === 'running' ? progressOf(run, now) : ''}</td>
        <td data-col="read" data-number>${number(run.rows_read)}</td>
        ${COUNTS.map((name) => html`<td data-col=${name} data-number ?data-zero=${run[name] === 0}
          >${isActive(run) ? '' : number(run[name])}</td>`)}
        <td data-col="duration" data-number>${took(elapsed(run, now))}</td>
      </tr>`;
  }
}
customElements.define('shapan-run-table', RunTable);
