/** What the store holds of the past that is looked back at. */

/**
 * It is now. `picture` is what the server says of the instant `at`, `alarms` those of it; `marks` of its day; `missed`
 * the critical alarms that came meanwhile; `selected` is the id of the alarm that is looked at.
 */
export const NO_PAST = {
  on: false, at: null, status: 'idle', error: null, picture: null, alarms: [], marks: null, playing: false, missed: 0, selected: null,
};

export const pastState = () => ({
  past: { ...NO_PAST },
});
