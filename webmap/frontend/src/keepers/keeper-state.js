/** What the store holds of keepers. */

/** No keeper is open. `day`: null for today. */
export const NO_KEEPER = { status: 'closed', code: null, day: null, track: null, coverage: null, error: null };

export const keeperState = () => ({
  keeper: { ...NO_KEEPER },
  keepers: { status: 'loading', error: null, rules: null, counts: null },
});
