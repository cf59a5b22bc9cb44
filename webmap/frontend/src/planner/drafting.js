/** What the page does about drafts that the server makes: try one, look at those that were tried, adopt one. */
import { draftOperation, rangeOf, triedOf } from './plan-terms.js';

export class Drafting {
  constructor({ store, page }) {
    Object.assign(this, { store, page });
  }

  /** Begin with what the rules of the plan ask for. */
  open() {
    const { plan, planner, work } = this.store.state;
    const { least, most } = rangeOf(planner.profiles, plan);
    this.page.use('select');
    this.#set({ method: 'metis', by: 'target', target: Math.round((least + most) / 2), count: '', chosen: work.chosen.length > 0, seed: 0, tried: [], at: -1 });
  }

  close() {
    this.store.set('drafting', { drafting: null });
  }

  /** Take over what was filled in. */
  say(changes) {
    this.#set({ ...this.store.state.drafting, ...changes });
  }

  /** Ask for one more draft; the next one begins from another seed. */
  async try() {
    const { drafting, plan, work } = this.store.state;
    const operation = draftOperation({ ...drafting, seed: drafting.seed + 1 }, work.chosen);
    await this.page.operate(operation, { preview: true });
    const { preview } = this.store.state.work;
    if (preview?.operation !== operation || this.store.state.drafting === null) return;
    this.page.putAway();
    const now = this.store.state.drafting;
    const tried = [...triedOf(now, plan).list, { operation, answer: preview.answer, revision: plan.revision }];
    this.#set({ ...now, seed: drafting.seed + 1, tried, at: tried.length - 1 });
  }

  lookAt(at) {
    this.say({ at });
  }

  /** Do what the draft that is shown would do. */
  async adopt() {
    const { drafting, plan } = this.store.state;
    const { shown } = triedOf(drafting, plan);
    if (shown === null) return;
    await this.page.operate(shown.operation);
    if (this.store.state.work.refusal === null && this.store.state.work.stale === null) this.close();
  }

  #set(drafting) {
    this.store.set('drafting', { drafting });
  }
}
