/** The beginning: communities with their plans on the way, and how a new plan shall begin. */
import { html } from 'lit';
import { number, shortDateTime } from '../format.js';
import { language, t } from '../i18n/index.js';
import { Panel } from '../panels/panel.js';

const words = ({ name, name_en: english }) => (language() === 'en' && english ? english : name);

class CommunityList extends Panel {
  static topics = ['planner', 'plan', 'work'];

  render() {
    const { planner, plan } = this.store.state;
    if (plan !== null) return '';
    const { status, communities, error, sought, starting } = planner;
    const found = communities.filter((one) => [one.name, one.name_en, one.code, one.title].some((text) => text?.toLowerCase().includes(sought.trim().toLowerCase())));
    return html`
      <section class="communities" data-testid="communities" data-status=${status}>
        <header><h2>${t('planner.communities')}</h2>
          <input type="search" data-testid="seek" .value=${sought} placeholder=${t('planner.seek')} aria-label=${t('planner.seek')} @input=${({ target }) => this.actions.seek(target.value)}></header>
        ${error ? html`<p class="notice" role="alert" data-testid="list-error"><b>${error.title}</b> ${error.detail} ${error.cure}
          <button type="button" @click=${() => this.actions.list()}>${t('planner.again')}</button></p>` : ''}
        ${status === 'loading' && communities.length === 0 ? html`<p class="soft" role="status">${t('planner.loading')}</p>` : ''}
        ${status === 'ready' && communities.length === 0 ? html`<p class="soft">${t('planner.none')}</p>` : ''}
        ${status === 'ready' && communities.length > 0 && found.length === 0 ? html`<p class="soft">${t('planner.not.found')}</p>` : ''}
        <table>
          ${found.length ? html`<thead><tr><th>${t('planner.community')}</th><th class="number">${t('planner.grids')}</th><th class="number">${t('planner.households')}</th>
            <th>${t('planner.open')}</th><th></th></tr></thead>` : ''}
          <tbody>${found.map((one) => this.#row(one))}</tbody>
        </table>
      </section>
      ${starting ? this.#starting(starting) : ''}`;
  }

  #row(one) {
    const { config, actions } = this;
    return html`<tr data-testid=${`community-${one.code}`}>
      <td><b>${words(one)}</b><small>${one.code}</small></td>
      <td class="number">${number(one.grids)}</td><td class="number">${number(one.households)}</td>
      <td>${one.plan ? html`<span class="chip">${t(`planner.state.${one.state}`)}</span> ${one.title}
        <small>${t('planner.changed', { by: one.changed_by, at: shortDateTime(Date.parse(one.changed_at), config.timeZone) })}
          ${one.lease_by ? t('planner.draws', { by: one.lease_by }) : ''}</small>` : html`<span class="soft">${t('planner.no.plan')}</span>`}</td>
      <td>${one.plan ? html`<button type="button" class="primary" data-testid="open" @click=${() => actions.open(one.plan)}>${t('planner.go.on')}</button>`
    : config.mayEdit ? html`<button type="button" data-testid="begin" @click=${() => actions.ask(one)}>${t('planner.begin')}</button>` : ''}</td>
    </tr>`;
  }

  #starting({ community, files, plans, error, sending }) {
    const former = plans.filter(({ state }) => state !== 'withdrawn');
    const send = (body) => this.actions.begin({ profile: this.querySelector('[name=profile]').value, ...body });
    return html`<div class="veil" @click=${({ target, currentTarget }) => target === currentTarget && this.actions.askNoMore()}>
      <section class="panel dialog" role="dialog" aria-modal="true" aria-labelledby="begin-title" data-testid="begin-dialog">
        <h2 id="begin-title">${t('planner.begin.of', { name: words(community) })}</h2>
        ${error ? html`<p class="notice" role="alert"><b>${error.title}</b> ${error.detail}</p>` : ''}
        <label>${t('planner.profile')} <select name="profile">${this.store.state.planner.profiles.map(({ name, title }) => html`
          <option value=${name} ?selected=${name === 'standard'}>${title[language()] ?? name}</option>`)}</select></label>
        <div class="choices">
          <button type="button" data-testid="from-published" ?disabled=${sending || community.grids === 0} @click=${() => send({ start: 'published' })}>
            <b>${t('planner.from.published')}</b><small>${t('planner.from.published.hint', { count: community.grids })}</small></button>
          <button type="button" data-testid="from-empty" ?disabled=${sending} @click=${() => send({ start: 'empty' })}>
            <b>${t('planner.from.empty')}</b><small>${t('planner.from.empty.hint')}</small></button>
          ${files.map(({ source, grids }) => html`<button type="button" data-testid="from-file" ?disabled=${sending} @click=${() => send({ start: 'file', source })}>
            <b>${t('planner.from.file', { source })}</b><small>${t('planner.from.file.hint', { count: grids })}</small></button>`)}
          ${former.map(({ id, title, state, faces, published_at: at }) => html`<button type="button" data-testid="from-plan" ?disabled=${sending} @click=${() => send({ start: 'plan', plan: id })}>
            <b>${title}</b><small>${t(`planner.state.${state}`)}${at ? ` ${shortDateTime(Date.parse(at), this.config.timeZone)}` : ''} · ${t('planner.count.grids', { count: faces })}</small></button>`)}
        </div>
        <footer><button type="button" class="quiet" @click=${() => this.actions.askNoMore()}>${t('planner.cancel')}</button></footer>
      </section></div>`;
  }
}
customElements.define('shapan-community-list', CommunityList);
