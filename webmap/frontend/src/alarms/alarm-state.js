/** What the store holds of alarms beside themselves: the open dossier, and how they are shown and handled. */

/** No alarm is open. `parts` is the dossier as the server tells it, `form` the step that asks for words. */
export const NO_DOSSIER = {
  status: 'closed', id: null, alarm: null, note: null, parts: null, steps: null, error: null, form: null, tab: 'alarm',
};

export const alarmState = () => ({
  dossier: { ...NO_DOSSIER },
  /** The one severity that the list shows; null for all. */
  severities: null,
  alarmTypes: new Map(),
  flood: { on: false, new: 0, limit: null, windowSeconds: null },
  /** Alarm → step that is on its way, and why one was refused. */
  busy: new Map(),
  refusals: new Map(),
  openGroups: new Set(),
  groupForm: null,
});
