/** What the store holds of warnings beside themselves. */

/** No warning is open. `warning` is what the stream tells of it, `details` what the server says of its number. */
export const NO_WARNING = { status: 'closed', id: null, warning: null, details: null, error: null };

export const warningState = () => ({
  warning: { ...NO_WARNING },
  warningsOpen: false,
  /** Warning → its residents. */
  concerned: new Map(),
  newExtreme: null,
});
