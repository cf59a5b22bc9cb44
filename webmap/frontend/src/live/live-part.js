/** What the stream tells the store directly, and of the city's figures; parts that do more with a message hear it themselves. */

export class LivePart {
  /** @param {{store: import('../store.js').Store}} parts */
  constructor({ store }) {
    this.hears = {
      snapshot: (data) => store.applySnapshot(data),
      kpi: (figures) => store.applyFigures(figures),
      event: (event) => store.applyEvent(event),
    };
  }
}
