/** Tools beside the map, and what is told over it: hints, refusals, previews, conflicts. */
import { html } from 'lit';
import { number } from '../format.js';
import { t } from '../i18n/index.js';
import { Panel } from '../panels/panel.js';
import './plan-draft.js';
import { offers, TOOLS } from './plan-terms.js';

class PlanTools extends Panel {
  static topics = ['plan', 'work', 'replay', 'drafting'];

  render() {
    const { plan, work } = this.store.state;
    if (plan === null) return '';
    const may = offers(plan, work.chosen);
    const busy = work.busy !== null;
    const { actions } = this;
    const button = (name, icon, run, enabled, key = '') => html`<button type="button" class="tool" data-testid=${`do-${name}`} ?disabled=${!enabled || busy}
      title=${`${t(`planner.do.${name}`)}${key ? ` (${key})` : ''}`} @click=${run}><shapan-icon name=${icon}></shapan-icon><span>${t(`planner.do.${name}`)}</span></button>`;
    return html`
      <div class="tool-bar" role="toolbar" aria-label=${t('planner.tools')} aria-orientation="vertical">
        ${TOOLS.map(({ name, icon, key }) => html`<button type="button" class="tool" data-testid=${`tool-${name}`} aria-pressed=${String(work.tool === name)}
          ?disabled=${name !== 'select' && !may.draw} title=${`${t(`planner.hint.${name}`)} (${key.toUpperCase()})`} @click=${() => actions.use(name)}>
          <shapan-icon name=${icon}></shapan-icon><span>${t(`planner.tool.${name}`)}</span></button>`)}
        <hr>
        ${button('auto_draft', 'wand', () => actions.draft.open(), may.draw, 'A')}
        ${button('rebalance', 'scale', () => actions.operate({ kind: 'rebalance' }, { preview: true }), may.draw && plan.faces.features.length > 1)}
        ${button('merge', 'merge', () => actions.operate({ kind: 'merge', faces: work.chosen }), may.merge, 'M')}
        ${button('rename', 'label', () => actions.askAbout('rename', { face: work.chosen[0] }), may.rename)}
        ${button('keeper', 'keeper', () => actions.askAbout('keeper', { face: work.chosen[0] }), may.keeper)}
        ${button('renumber', 'list', () => actions.operate({ kind: 'renumber' }), may.draw)}
        <hr>
        ${button('undo', 'give-back', () => actions.undo(), may.draw && plan.can.undo, 'Ctrl+Z')}
        ${button('redo', 'redo', () => actions.redo(), may.draw && plan.can.redo, 'Ctrl+Y')}
      </div>
      <div class="told" aria-live="polite">${this.#told(plan, work)}
        ${this.store.state.drafting ? html`<shapan-plan-draft .store=${this.store} .config=${this.config} .actions=${actions}></shapan-plan-draft>` : ''}</div>`;
  }

  #told(plan, work) {
    const { actions, store } = this;
    const { refusal, preview, stale, busy, tool, buildings, newer } = work;
    if (stale) {
      return html`<div class="panel told-box" role="alert" data-testid="stale"><b>${t('planner.stale')}</b>
        <p>${t('planner.stale.what', { by: stale.by, changed: stale.changed.length, gone: stale.gone.length })}</p>
        <footer><button type="button" class="primary" data-testid="reload" @click=${() => actions.reload()}>${t('planner.reload')}</button></footer></div>`;
    }
    if (refusal) {
      const words = refusal.reason ? t(`planner.refused.${refusal.reason}`) : '';
      const known = words !== `planner.refused.${refusal.reason}` && words !== '';
      return html`<div class="panel told-box" role="alert" data-testid="refusal" data-reason=${refusal.reason ?? refusal.status ?? ''}>
        <b>${known ? words : refusal.title}</b>${known ? '' : html`<p>${refusal.detail}</p>`}
        <p class="soft">${known ? t(`planner.cure.${refusal.reason}`) : refusal.cure}</p>
        <footer><button type="button" @click=${() => actions.putAway()}>${t('planner.close')}</button></footer></div>`;
    }
    if (preview && preview.operation.kind !== 'auto_draft') {
      const { operation, answer } = preview;
      return html`<div class="panel told-box" data-testid="preview"><b>${t(`planner.kind.${operation.kind}`)}</b>
        ${operation.kind === 'rebalance' ? html`<p data-testid="moves">${t(answer.operation.summary.proved ? 'planner.rebalance.fewest' : 'planner.rebalance.found', { buildings: number(answer.operation.summary.buildings) })}
          ${answer.operation.summary.outside ? t('planner.rebalance.left', { households: number(answer.operation.summary.outside) }) : ''}</p>` : ''}
        <p>${t('planner.preview.what', { changed: answer.faces.features.length, gone: answer.removed.length })}</p>
        <p class="soft">${answer.faces.features.slice(0, 4).map(({ properties }) => html`${properties.name}: ${t('planner.count.households', { count: properties.numbers?.households ?? 0 })} `)}</p>
        <footer><button type="button" @click=${() => actions.putAway()}>${t('planner.cancel')}</button>
          <button type="button" class="primary" data-testid="confirm" @click=${() => actions.confirm()}>${t('planner.apply')}</button></footer></div>`;
    }
    if (newer) return html`<div class="panel told-box" data-testid="newer">${t('planner.newer', { by: newer.by })}</div>`;
    if (busy) return html`<div class="panel told-line" role="status" data-testid="busy">${t('planner.busy')}</div>`;
    if (store.state.replay) return html`<div class="panel told-line" data-testid="replaying">${t('planner.replaying', { seq: store.state.replay.seq })}
      <button type="button" @click=${() => actions.replay(null)}>${t('planner.replay.end')}</button></div>`;
    if (tool === 'buildings' && buildings.length) {
      const faces = work.chosen.length === 1 ? plan.faces.features.filter(({ id }) => id === work.chosen[0]) : [];
      return html`<div class="panel told-box" data-testid="assigning"><b>${t('planner.buildings', { count: buildings.length })}</b>
        <p class="soft">${faces.length ? t('planner.assign.to', { name: faces[0].properties.name }) : t('planner.assign.choose')}</p>
        <footer><button type="button" @click=${() => actions.use('buildings')}>${t('planner.cancel')}</button>
          <button type="button" class="primary" data-testid="assign" ?disabled=${faces.length !== 1}
            @click=${() => actions.operate({ kind: 'assign', buildings, face: work.chosen[0] })}>${t('planner.assign')}</button></footer></div>`;
    }
    if (store.state.drafting) return '';
    if (tool !== 'select') return html`<div class="panel told-line">${t(`planner.hint.${tool}`)}</div>`;
    if (plan.can.edit && plan.faces.features.length === 1 && plan.lease?.mine) return html`<div class="panel told-line">${t('planner.first')}</div>`;
    return '';
  }
}
customElements.define('shapan-plan-tools', PlanTools);
