/** What the store holds of a wall, beside what every page knows. */

export const wallState = () => ({
  wall: {
    /** `/api/kpi`, when it was read on the page's own clock, and why it could not be. */
    kpi: null, kpiAt: null, kpiError: null,
    /** Names of places are here. */
    placed: false,
    /** What has taken the picture, as takeover.js tells it; null while the tour has its turn. */
    takeover: null,
    /** { name, at, length, title, until, skipped, missing } of the tour; null without one. */
    tour: null,
    /** How the window is filled: as legibility.js tells it. */
    fit: null,
    /** 'on', 'muted' or 'blocked'. */
    sound: 'on',
    /** The graphics were lost, and may have come back since: the page waits to be loaded again. */
    broken: false,
    /** Why the link that the page was opened with opens nothing; null where all is well. */
    linkTrouble: null,
    /** When the page last heard of the server, on its own running clock. */
    heardAt: null,
  },
});
