/** What a step or an operation has to be told before it is done: a name, a keeper, a reason, a time. */
import { html } from 'lit';
import { t } from '../i18n/index.js';
import { Panel } from '../panels/panel.js';

class PlanDialog extends Panel {
  static topics = ['work', 'plan'];

  #shown = null;

  render() {
    const { work, plan } = this.store.state;
    const { dialog } = work;
    if (!dialog || plan === null) return '';
    const { actions } = this;
    const face = plan.faces.features.find(({ id }) => id === dialog.face);
    const body = {
      rename: () => html`<label>${t('planner.name')}<input name="name" required maxlength="200" .value=${face?.properties.name ?? ''}></label>
        <label>${t('planner.kind')}<select name="kind">${['basic', 'special'].map((kind) => html`<option value=${kind} ?selected=${face?.properties.kind === kind}>${t(`planner.kind.of.${kind}`)}</option>`)}</select></label>`,
      keeper: () => html`<label>${t('planner.keeper')}<select name="keeper"><option value="">${t('planner.nobody')}</option>${plan.keepers.map(({ code, name, grid_code: grid }) => html`
        <option value=${code} ?selected=${face?.properties.keeper?.code === code}>${name} (${code}${grid.endsWith('000') ? '' : ` · ${grid.slice(-3)}`})</option>`)}</select></label>`,
      reject: () => html`<label>${t('planner.reason')}<textarea name="reason" required maxlength="500" rows="4"></textarea></label>`,
      except: () => html`<label>${t('planner.reason')}<textarea name="reason" required maxlength="500" rows="4"></textarea></label>`,
      publish: () => html`<p>${t('planner.publish.what')}</p><label>${t('planner.publish.at')}<input type="datetime-local" name="at"></label><p class="soft">${t('planner.publish.now')}</p>`,
      discard: () => html`<p>${t('planner.discard.what')}</p>`,
    }[dialog.kind];
    return html`<div class="veil"><form class="panel dialog" role="dialog" aria-modal="true" aria-labelledby="plan-dialog-title" data-testid="dialog-${dialog.kind}" @submit=${(event) => this.#send(event, dialog)}>
      <h2 id="plan-dialog-title">${t(`planner.dialog.${dialog.kind}`, { name: face?.properties.name ?? '' })}</h2>
      ${body()}
      ${work.refusal ? html`<p class="notice" role="alert">${work.refusal.detail || work.refusal.title}</p>` : ''}
      <footer><button type="button" class="quiet" @click=${() => actions.putAway()}>${t('planner.cancel')}</button>
        <button type="submit" class="primary" data-testid="send" ?disabled=${work.busy !== null}>${t(`planner.dialog.${dialog.kind}.do`)}</button></footer></form></div>`;
  }

  updated() {
    const { dialog } = this.store.state.work;
    if (dialog !== this.#shown) this.querySelector('input, select, textarea, button')?.focus();
    this.#shown = dialog;
  }

  #send(event, dialog) {
    event.preventDefault();
    const { actions } = this;
    const given = Object.fromEntries(new FormData(event.target));
    if (dialog.kind === 'rename') actions.operate({ kind: 'rename', face: dialog.face, name: given.name, grid_kind: given.kind });
    else if (dialog.kind === 'keeper') actions.operate({ kind: 'keeper', face: dialog.face, keeper: given.keeper || null });
    else if (dialog.kind === 'except') actions.letStand(dialog.violation.id, given.reason);
    else if (dialog.kind === 'publish') actions.step('publish', given.at ? { at: new Date(given.at).toISOString() } : {});
    else actions.step(dialog.kind, dialog.kind === 'reject' ? { reason: given.reason } : {});
  }
}
customElements.define('shapan-plan-dialog', PlanDialog);
