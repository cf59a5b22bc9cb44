/** What the store holds of the tools: measuring (量测), the saved picture, the handover that is being written. */

/** Nothing is measured. `lengths` in metres, side by side; `area` in m², null where sides cross or there is none. */
export const NO_MEASURE = { mode: null, points: [], pointer: null, done: false, lengths: [], area: null, crossing: false };

export const toolState = () => ({
  measure: { ...NO_MEASURE },
  snapshot: { status: 'idle', error: null },
  freeze: { status: 'closed', alarmId: null, id: null, error: null },
});
