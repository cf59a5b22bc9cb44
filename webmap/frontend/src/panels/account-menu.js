/** 账号: who is logged in and in which role; the demo account chooses another one here. */
import { html } from 'lit';
import { language, t } from '../i18n/index.js';
import { chooseRole } from '../role-switch.js';
import { Panel } from './panel.js';

/** Roles that work at a page, in the order of the menu; others are for programs. */
export const PAGE_ROLES = ['all', 'operator', 'viewer', 'wall', 'importer', 'administrator'];

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

class AccountMenu extends Panel {
  static properties = { open: { state: true }, busy: { state: true }, fault: { state: true } };

  /** In tests another one. */
  reload = () => location.reload();

  constructor() {
    super();
    Object.assign(this, { open: false, busy: null, fault: null });
  }

  render() {
    const { account, demo, roles } = this.config.me;
    const role = demo ? demo.role : roles[0];
    const words = html`<shapan-icon name="person"></shapan-icon><span class="account-name">${
      demo ? t('account.demo') : account}</span><b data-testid="role" data-role=${role}>${t(`role.${role}`)}</b>`;
    if (demo === null) return html`<span class="account">${words}</span>`;
    return html`
      <div class="account-menu" @focusout=${this.#left} @keydown=${this.#key}>
        <button type="button" class="account" aria-haspopup="menu" aria-expanded=${this.open} title=${t('account.hint')}
          data-testid="account" @click=${() => this.#show(!this.open)}>${words}
          <shapan-icon name="chevron"></shapan-icon></button>
        ${this.open ? this.#menu(demo, this.config.me.permissions) : ''}
      </div>`;
  }

  #menu({ role: current, roles }, permissions) {
    const offered = PAGE_ROLES.filter((role) => roles.includes(role) || role === current);
    return html`
      <div class="panel account-roles" role="menu" aria-label=${t('account.roles')}>
        <p class="hint">${t('account.roles')}</p>
        ${(offered.includes(current) ? offered : [...offered, current]).map((role) => html`
          <button type="button" class="quiet" role="menuitemradio" aria-checked=${role === current}
            ?disabled=${this.busy !== null} data-testid="role-${role}" @click=${() => this.#choose(role, current)}>
            <shapan-icon name=${role === current ? 'check' : 'pending'}></shapan-icon>
            <b>${t(`role.${role}`)}</b><span>${t(`role.${role}.sees`)}</span></button>`)}
        ${this.fault === null ? '' : html`<p class="hint bad" role="alert">${this.fault}</p>`}
        ${permissions.includes('audit.read') ? html`<a class="page-link" href=${`/audit?lang=${language()}`}
          data-testid="to-audit"><shapan-icon name="shield"></shapan-icon>${t('account.audit')}</a>` : ''}
        <p class="hint">${t('account.roles.hint')}</p>
      </div>`;
  }

  #show(open) {
    Object.assign(this, { open, fault: null });
    if (open) this.updateComplete.then(() => this.querySelector('[aria-checked="true"]')?.focus());
  }

  #left({ relatedTarget }) {
    if (this.open && this.busy === null && !this.contains(relatedTarget)) this.#show(false);
  }

  #key(event) {
    if (!this.open) return;
    const items = [...this.querySelectorAll('[role="menuitemradio"]')];
    const step = STEPS[event.key];
    if (step) items.at((items.indexOf(document.activeElement) + step + items.length) % items.length).focus();
    else if (event.key === 'Escape') {
      this.#show(false);
      this.querySelector('.account')?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation(); // Escape closes the menu and not what is open beside the map as well
  }

  async #choose(role, current) {
    if (role === current) {
      this.#show(false);
      return;
    }
    Object.assign(this, { busy: role, fault: null });
    try {
      await chooseRole(role, { reload: this.reload });
    } catch (error) {
      if (!error.title) throw error;
      Object.assign(this, { busy: null, fault: [error.title, error.detail, error.cure].filter(Boolean).join(' ') });
    }
  }
}
customElements.define('shapan-account-menu', AccountMenu);
