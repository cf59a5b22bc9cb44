/** What each event of the live stream does to the parts of the sandbox page; one that is not here is passed over. */

export const hear = {
  snapshot({ store, desk, warnings }, data) {
    store.applySnapshot(data);
    desk.receiveSnapshot();
    warnings.receiveSnapshot();
  },
  alarm: ({ desk }, alarm) => desk.receive(alarm),
  warning: ({ warnings }, warning) => warnings.receive(warning),
  kpi: ({ store }, figures) => store.applyFigures(figures),
  event: ({ store }, event) => store.applyEvent(event),
  'tiles-changed': ({ stage }, { changes }) => stage.tilesChanged(changes),
};
