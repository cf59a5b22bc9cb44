/** Beside the map: grids with their live numbers, what the rules find, what would change, what was done. */
import { html } from 'lit';
import { areaWords, number, percent, shortDateTime } from '../format.js';
import { t } from '../i18n/index.js';
import { Panel, variables } from '../panels/panel.js';
import { grouped, LOAD_SIGNS, loadOf, offers, rangeOf, sorted, tally, totals } from './plan-terms.js';

const TABS = ['grids', 'violations', 'comparison', 'history'];
const COLUMNS = ['code', 'households', 'residents', 'buildings', 'keeper_load'];
const FIGURES = ['households', 'residents', 'floating', 'cared', 'buildings', 'rooms', 'facilities', 'devices', 'events', 'keeper_load'];

class PlanSide extends Panel {
  static topics = ['plan', 'work', 'tab', 'sort', 'history', 'replay', 'comparison', 'planner'];

  render() {
    const { plan, tab } = this.store.state;
    if (plan === null) return '';
    const counts = tally(plan.violations);
    const badge = { violations: counts.error + counts.warning, grids: plan.faces.features.length };
    return html`
      <div class="tabs" role="tablist">${TABS.map((name) => html`<button type="button" role="tab" data-testid=${`tab-${name}`} aria-selected=${String(tab === name)}
        @click=${() => this.actions.show(name)}>${t(`planner.tab.${name}`)}${badge[name] ? html`<i data-error=${String(name === 'violations' && counts.error > 0)}>${number(badge[name])}</i>` : ''}</button>`)}</div>
      <div class="tab" role="tabpanel" data-testid=${`panel-${tab}`}>${this[`_${tab}`](plan, counts)}</div>`;
  }

  _grids(plan) {
    const { sort, work, planner } = this.store.state;
    const range = rangeOf(planner.profiles, plan);
    const { features } = plan.faces;
    const sums = totals(features);
    const chosen = features.filter(({ id }) => work.chosen.includes(id));
    const widest = Math.max(range.most * 1.3, sums.most);
    return html`
      <p class="sums" data-testid="sums">${t('planner.sums', { grids: number(sums.grids), households: number(sums.households), least: number(sums.least), most: number(sums.most) })}</p>
      ${plan.remark ? html`<p class="notice" data-testid="remark"><b>${t('planner.sent.back')}</b> ${plan.remark}</p>` : ''}
      ${plan.trouble ? html`<p class="notice" role="alert" data-testid="trouble"><b>${t('planner.not.published')}</b> ${plan.trouble}</p>` : ''}
      ${chosen.length === 1 ? this.#card(chosen[0], range) : ''}
      <table class="grid-table">
        <thead><tr>${COLUMNS.map((column) => html`<th class=${column === 'code' ? '' : 'number'} aria-sort=${sort.column === column ? (sort.down ? 'descending' : 'ascending') : 'none'}>
          <button type="button" class="quiet" @click=${() => this.actions.sortBy(column)}>${t(`planner.column.${column}`)}${sort.column === column ? (sort.down ? ' ↓' : ' ↑') : ''}</button></th>`)}</tr></thead>
        <tbody>${sorted(features, sort).map(({ id, properties }) => {
    const { numbers = {}, name, code, keeper } = properties;
    const load = loadOf(properties, range);
    return html`<tr tabindex="0" data-testid=${`grid-${id}`} aria-selected=${String(work.chosen.includes(id))} data-load=${load}
            @click=${({ shiftKey }) => this.actions.choose(id, shiftKey)} @keydown=${(event) => event.key === 'Enter' && this.actions.choose(id, event.shiftKey)}>
            <td><b>${name}</b><small>${code ? code.slice(-3) : '—'} · ${keeper ? keeper.name : t('planner.no.keeper')}</small></td>
            <td class="number"><span class="load">${LOAD_SIGNS[load]} ${number(numbers.households ?? 0)}</span>
              <i class="bar" ${variables({ share: (numbers.households ?? 0) / widest, least: range.least / widest, most: range.most / widest })}></i></td>
            <td class="number">${number(numbers.residents ?? 0)}</td><td class="number">${number(numbers.buildings ?? 0)}</td>
            <td class="number">${numbers.keeper_load === null || numbers.keeper_load === undefined ? '—' : number(numbers.keeper_load)}</td></tr>`;
  })}</tbody>
      </table>`;
  }

  #card({ properties: { name, code, kind, keeper, numbers = {} } }, range) {
    return html`<section class="grid-card" data-testid="grid-card"><h3>${name}<small>${code ?? t('planner.no.code')} · ${t(`planner.kind.of.${kind}`)} · ${keeper?.name ?? t('planner.no.keeper')}</small></h3>
      <dl>${FIGURES.map((figure) => html`<div><dt>${t(`planner.figure.${figure}`)}</dt><dd>${numbers[figure] === null || numbers[figure] === undefined ? '—' : number(numbers[figure])}</dd></div>`)}
        <div><dt>${t('planner.figure.area')}</dt><dd>${areaWords(numbers.area_m2 ?? 0)}</dd></div>
        <div><dt>${t('planner.figure.compactness')}</dt><dd>${number(numbers.compactness ?? 0, 2)}</dd></div></dl>
      <p class="soft">${t('planner.range', range)}</p></section>`;
  }

  _violations(plan, counts) {
    const { work } = this.store.state;
    const may = offers(plan, []).draw;
    if (plan.violations.length === 0) return html`<p class="all-well"><shapan-icon name="empty"></shapan-icon>${t('planner.well')}</p>`;
    return html`<p class="sums">${t('planner.violations.sum', counts)}</p>
      ${grouped(plan.violations).map((group) => html`<details open class="rule" data-severity=${group.excepted ? 'excepted' : group.severity} data-testid=${`rule-${group.rule}`}>
        <summary><shapan-icon name=${group.severity === 'error' ? 'error' : group.severity === 'warning' ? 'partial' : 'empty'}></shapan-icon>
          <b>${t(`planner.rule.${group.rule}`)}</b><small>${group.excepted ? t('planner.excepted') : t(`planner.severity.${group.severity}`)} · ${number(group.list.length)}</small></summary>
        <ul>${group.list.slice(0, 200).map((one) => html`<li ?data-pointed=${work.pointed?.id === one.id} data-testid="violation">
          <button type="button" class="quiet" @click=${() => this.actions.point(one)}>${this.#said(plan, one)}</button>
          ${one.excepted ? html`<p class="soft">${t('planner.excepted.why', { by: one.excepted.by, reason: one.excepted.reason })}
            ${may ? html`<button type="button" @click=${() => this.actions.countAgain(one.id)}>${t('planner.count.again')}</button>` : ''}</p>`
    : may ? html`<div class="fixes">${one.fixes.slice(0, 3).map((fix) => html`<button type="button" data-testid="fix" @click=${() => this.actions.operate(fix, { preview: true })}>${this.#fix(plan, fix)}</button>`)}
            ${one.exceptable ? html`<button type="button" class="quiet" data-testid="except" @click=${() => this.actions.askAbout('except', { violation: one })}>${t('planner.except')}</button>` : ''}</div>` : ''}
        </li>`)}</ul></details>`)}`;
  }

  #name(plan, id) {
    return plan.faces.features.find((face) => face.id === id)?.properties.name ?? String(id);
  }

  #said(plan, { rule, numbers, faces }) {
    const told = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, name === 'm2' && typeof value === 'number' ? areaWords(value) : name === 'share' ? percent(value) : value]));
    return t(`planner.rule.${rule}.said`, { ...told, grids: told.grids ?? '', names: faces.map((face) => this.#name(plan, face)).join(t('planner.and')) });
  }

  #fix(plan, fix) {
    return t(`planner.fix.${fix.kind}`, { name: this.#name(plan, fix.to ?? fix.face) });
  }

  _comparison() {
    const { comparison } = this.store.state;
    const answer = comparison?.answer;
    if (!answer) return html`<p class="soft" role="status">${comparison?.status === 'failed' ? comparison.error.title : t('planner.loading')}</p>`;
    const changed = answer.grids.filter(({ state }) => state !== 'kept');
    return html`<p class="sums" data-testid="moved">${t('planner.moved', { buildings: number(answer.moved.buildings), households: number(answer.moved.households), residents: number(answer.moved.residents) })}</p>
      ${changed.length === 0 && answer.keepers.length === 0 ? html`<p class="all-well">${t('planner.same')}</p>` : ''}
      ${answer.flows.length ? html`<table><thead><tr><th>${t('planner.from')}</th><th>${t('planner.to')}</th><th class="number">${t('planner.households')}</th><th class="number">${t('planner.column.buildings')}</th></tr></thead>
        <tbody>${answer.flows.map((flow) => html`<tr><td>${flow.from?.slice(-3) ?? t('planner.outside')}</td><td>${flow.to?.slice(-3) ?? t('planner.outside')}</td><td class="number">${number(flow.households)}</td><td class="number">${number(flow.buildings)}</td></tr>`)}</tbody></table>` : ''}
      ${changed.length ? html`<h3>${t('planner.changed.grids')}</h3><ul class="plain">${changed.map(({ code, name, state, was }) => html`<li><span class="chip" data-state=${state}>${t(`planner.grid.${state}`)}</span> ${name} <small>${code ?? '—'}${was ? ` · ${t('planner.was', { was })}` : ''}</small></li>`)}</ul>` : ''}
      ${answer.keepers.length ? html`<h3>${t('planner.changed.keepers')}</h3><ul class="plain">${answer.keepers.map(({ code, was, will }) => html`<li>${code?.slice(-3) ?? '—'} <small>${was?.name ?? t('planner.nobody')} → ${will?.name ?? t('planner.nobody')}</small></li>`)}</ul>` : ''}`;
  }

  _history(plan) {
    const { history, replay } = this.store.state;
    if (!history) return html`<p class="soft" role="status">${t('planner.loading')}</p>`;
    const { operations, head } = history;
    const at = replay?.seq ?? head;
    return html`
      ${operations.length ? html`<label class="replay">${t('planner.replay')}<input type="range" min="0" max=${operations.length} .value=${String(at)} data-testid="replay"
        @change=${({ target }) => this.actions.replay(Number(target.value) === head ? null : Number(target.value))}></label>` : html`<p class="soft">${t('planner.no.history')}</p>`}
      <ol class="log" data-testid="log">${[...operations].reverse().map(({ seq, kind, by, at: when, undone }) => html`<li ?data-undone=${undone} aria-current=${String(seq === at)}>
        <button type="button" class="quiet" @click=${() => this.actions.replay(seq === head ? null : seq)}><b>${seq}</b> ${t(`planner.kind.${kind}`)}${undone ? html` <i>${t('planner.undone')}</i>` : ''}
          <small>${by} · ${shortDateTime(Date.parse(when), this.config.timeZone)}</small></button></li>`)}</ol>
      <h3>${t('planner.way')}</h3><ol class="log">${[...plan.steps].reverse().map(({ kind, by, at: when, remark }) => html`<li><b>${t(`planner.stepped.${kind}`)}</b>
        <small>${by} · ${shortDateTime(Date.parse(when), this.config.timeZone)}</small>${remark && kind !== 'created' && kind !== 'schedule' ? html`<p class="soft">${remark}</p>` : ''}</li>`)}</ol>`;
  }
}
customElements.define('shapan-plan-side', PlanSide);
