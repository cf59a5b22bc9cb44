/** One handover as it was frozen: picture, figures or dossier, log; made to be printed and to be taken over. */
import { html } from 'lit';
import { address } from '../config.js';
import { dateTime, number, shortDateTime } from '../format.js';
import { named, t, term } from '../i18n/index.js';
import { placeWords, typeWords } from '../panels/alarm-words.js';
import { dossierParts } from '../panels/dossier-parts.js';
import { Panel } from '../panels/panel.js';
import { shiftSentences } from './shift-words.js';
import { trouble } from './trouble.js';

/** Figures that a shift looks at first. */
const FIGURES = ['buildings', 'residents', 'alarms_critical', 'alarms_major', 'alarms_minor', 'events_open', 'events_overdue', 'tasks_overdue'];

class Frozen extends Panel {
  static topics = ['frozen', 'types'];

  render() {
    const { frozen } = this.store.state;
    const { handover } = frozen;
    if (frozen.status !== 'ready') {
      return html`<article class="sheet" data-testid="frozen" data-status=${frozen.status}>${
        trouble(frozen, () => this.actions.readFrozen())}</article>`;
    }
    return html`
      <article class="sheet" data-testid="frozen" data-status="ready" data-kind=${handover.kind}>
        ${this.#head(handover)}
        ${handover.note ? html`<blockquote>${handover.note}</blockquote>` : ''}
        ${handover.pictured ? html`<img src=${address(this.config.urls.picture, { id: handover.id })} alt=${t('frozen.picture')}>` : ''}
        ${handover.kind === 'alarm' ? this.#alarm(handover.content.dossier) : this.#picture(handover.content)}
      </article>`;
  }

  #head({ id, kind, at, account, accepted_by: acceptedBy, accepted_at: acceptedAt, ...handover }) {
    const { timeZone } = this.config;
    const { refusal } = this.store.state.frozen;
    return html`
      <header>
        <h2>${t(`handovers.kind.${kind}`)} <code>#${number(id)}</code></h2>
        <p class="hint">${t('frozen.by', { account, time: dateTime(at, timeZone) })}</p>
        <div class="sheet-actions unprinted">
          <a class="page-link" data-testid="replay" href=${this.actions.replayUrl({ ...handover, at })}>
            <shapan-icon name="replay"></shapan-icon>${t('frozen.replay')}</a>
          ${acceptedBy === null && this.config.mayAccept ? html`
            <button type="button" class="primary" data-testid="accept" @click=${() => this.actions.accept()}>${t('frozen.accept')}</button>` : ''}
        </div>
        <p class=${acceptedBy ? 'tag' : 'tag waiting'} data-testid="accepted">${acceptedBy
          ? t('handovers.accepted', { account: acceptedBy, time: dateTime(acceptedAt, timeZone) }) : t('handovers.waiting')}</p>
        ${refusal ? html`<p class="hint bad" role="alert">${refusal.title} ${refusal.detail}</p>` : ''}
      </header>`;
  }

  #alarm(dossier) {
    const { alarm, type, steps, device } = dossier;
    const { timeZone } = this.config;
    const facts = [
      ['severity', t(`severity.${alarm.severity}`)], ['state', t(`state.${alarm.state}`)],
      ['where', placeWords(alarm)],
      ['since', dateTime(alarm.occurred_at, timeZone)], ['device', device?.name || device?.code || alarm.device_code || '—'],
      ['assignee', alarm.assignee ?? '—'],
    ];
    return html`
      <h3 class="frozen-type" data-severity=${alarm.severity}><shapan-severity severity=${alarm.severity}></shapan-severity>
        ${type ? named(type) : typeWords(alarm.type, this.store.state.types)}</h3>
      <dl class="facts">${facts.map(([name, value]) => html`<div><dt>${t(`shift.column.${name}`)}</dt><dd>${value}</dd></div>`)}</dl>
      ${alarm.note ? html`<p>${alarm.note}</p>` : ''}
      <h3>${t('frozen.log')}</h3>
      <ol class="log" data-testid="log">${steps.toReversed().map((step) => html`<li><time>${dateTime(step.at, timeZone)}</time>
        <b>${term('step', step.step)}</b> <span>${step.account}</span> ${step.note ? html`<q>${step.note}</q>` : ''}</li>`)}</ol>
      <div class="dossier-parts">${dossierParts(this, dossier, { onMap: false })}</div>`;
  }

  #picture({ counts, alarms, alarms_total: total, shift }) {
    const { timeZone } = this.config;
    return html`
      <dl class="figures">${FIGURES.filter((name) => name in counts).map((name) => html`
        <div><dt>${t(`figure.${name}`)}</dt><dd>${number(counts[name])}</dd></div>`)}</dl>
      <ul class="sentences">${shiftSentences(shift).map((sentence) => html`<li>${sentence}</li>`)}</ul>
      <h3>${t('frozen.alarms', { count: number(total) })}</h3>
      <table><tbody>${alarms.map((alarm) => html`<tr data-severity=${alarm.severity}>
        <td><shapan-severity severity=${alarm.severity}></shapan-severity> ${t(`severity.${alarm.severity}`)}</td>
        <td>${typeWords(alarm.type, this.store.state.types)}</td>
        <td>${placeWords(alarm)}</td>
        <td>${shortDateTime(alarm.occurred_at, timeZone)}</td><td>${t(`state.${alarm.state}`)}</td></tr>`)}</tbody></table>
      ${total > alarms.length ? html`<p class="hint">${t('frozen.more', { count: number(total - alarms.length) })}</p>` : ''}`;
  }
}
customElements.define('shapan-frozen', Frozen);
