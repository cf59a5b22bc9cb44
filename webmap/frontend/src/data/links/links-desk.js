/** Access links: read when the section is shown; made, changed, renewed, revoked. A token is in the page until its dialog closes. */
import { address } from '../../config.js';
import { bodyOf, changes, displayOf } from './access-links.js';

const CHOICES = { areas: [], keepers: [], tours: [] };

/** `dialog`: what is asked or told now: { kind: 'make' | 'change' | 'renew' | 'revoke' | 'made', link?, url? }. */
export const linksState = () => ({
  accessLinks: { status: 'idle', list: [], choices: CHOICES, over: false, error: null, dialog: null, sending: false, fault: null, copied: null },
});

export class LinksDesk {
  /** @param {import('../page.js').DataPage} page */
  constructor(page) {
    this.page = page;
  }

  restore(query) {
    this.#set({ over: query.has('over') });
  }

  link() {
    return { over: this.#state.over ? '1' : '' };
  }

  opened() {
    return this.#state.status === 'idle' ? this.again() : undefined;
  }

  /** `quiet`: nobody asked for it; what stands there stays when it fails. */
  async again({ quiet = false } = {}) {
    const { accessLinks, linkChoices } = this.page.config.urls;
    this.#set({ status: this.#state.status === 'ready' ? 'ready' : 'loading', error: null });
    try {
      const [{ links }, choices] = await Promise.all([this.page.ask(accessLinks), this.page.ask(linkChoices)]);
      this.#set({ status: 'ready', list: links, choices });
    } catch (error) {
      if (!error.title) throw error;
      this.#set(quiet ? {} : { status: 'failed', error });
    }
  }

  refresh() {
    return this.#state.status === 'ready' && this.#state.dialog === null ? this.again({ quiet: true }) : undefined;
  }

  showOver(over) {
    this.#set({ over });
    this.page.writeAddress();
  }

  // --- what is asked ---------------------------------------------------------------------------------------

  ask(kind, link = null) {
    this.#set({ dialog: { kind, link }, fault: null });
  }

  /** Of the new link that is asked about. */
  setKind(as) {
    this.#set({ dialog: { ...this.#state.dialog, as }, fault: null });
  }

  copied(url) {
    this.#set({ copied: url });
  }

  /** Nothing is asked any more; what was shown once is in the page no more. */
  close() {
    if (!this.#state.sending) this.#set({ dialog: null, fault: null, copied: null });
  }

  make(form) {
    return this.#send(this.page.config.urls.accessLinks, { body: bodyOf(form) });
  }

  renew({ id }, form) {
    const days = form.get('days');
    return this.#send(`${this.#one(id)}/renew`, { body: { link_hours: Number(form.get('link_hours')) || 72, ...(days ? { days: Number(days) } : {}) } });
  }

  /** Send what is another one than before; nothing, where nothing is. */
  change({ id, name, display }, form) {
    const said = { display: changes(displayOf(form), display), ...(form.get('name').trim() === name ? {} : { name: form.get('name').trim() }) };
    if (!said.name && Object.keys(said.display).length === 0) return this.close();
    return this.#send(this.#one(id), { method: 'PATCH', body: said });
  }

  revoke({ id }) {
    return this.#send(`${this.#one(id)}/revoke`, { body: {} });
  }

  #one(id) {
    return address(this.page.config.urls.accessLink, { id });
  }

  async #send(url, { method = 'POST', body }) {
    if (this.#state.sending) return;
    this.#set({ sending: true, fault: null });
    try {
      const { token, path, ...link } = await this.page.ask(url, { method, body });
      const list = this.#state.list.filter(({ id }) => id !== link.id);
      this.#set({
        list: [...list, link].sort((one, other) => other.id - one.id),
        dialog: token ? { kind: 'made', link, url: this.page.config.origin + path } : null,
      });
    } catch (error) {
      if (!error.title) throw error;
      this.#set({ fault: error });
    } finally {
      this.#set({ sending: false });
    }
  }

  get #state() {
    return this.page.store.state.accessLinks;
  }

  #set(changed) {
    this.page.store.set('accessLinks', { accessLinks: { ...this.#state, ...changed } });
  }
}
