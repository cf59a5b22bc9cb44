/** What the page does about the plan on paper. */
export class Paper {
  constructor({ store }) {
    this.store = store;
  }

  /** Show the plan as it would be on some paper. */
  open(paper = 'a3') {
    this.store.set('sheet', { sheet: { paper, saving: false } });
  }

  /** A picture is being made, or is there. */
  saving(saving) {
    const { sheet } = this.store.state;
    if (sheet) this.store.set('sheet', { sheet: { ...sheet, saving } });
  }

  close() {
    this.store.set('sheet', { sheet: null });
  }
}
