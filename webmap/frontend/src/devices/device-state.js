/** What the store holds of devices and facilities at first: what is chosen, what is counted, and the card that is open. */

/** Stands for every kind, or class, that there is or will be. */
export const ALL = 'all';

/** Nothing is open. `what`: device, facility or group; `id`: its code; `card` as the server tells it, `members` those of a group. */
export const NO_THING = { status: 'closed', what: null, id: null, card: null, members: null, at: null, error: null, history: new Map() };

/** Nothing is played. `reason`: why not; `origin`: the host concerned. */
export const NO_CAMERA = { status: 'idle', code: null, reason: null, origin: null, error: null, video: null };

export const DEVICES_AT_FIRST = {
  /** Kinds of devices and classes of facilities that are shown: ALL or a set of codes; `silent`: only those that are not as they should be. */
  choice: { kinds: new Set(), classes: new Set(), silent: false },
  counts: { status: 'idle', kinds: [], error: null },
  classes: { status: 'idle', classes: [], error: null },
  /** Whether the map is near enough for single ones, from which zoom it is, and where it is now. */
  near: true,
  from: null,
  zoom: null,
  /** Whether the state of some could not be read. */
  unread: false,
};

/** Whether a kind or class is chosen. */
export const isChosen = (chosen, code) => chosen === ALL || chosen.has(code);

export const isAnyChosen = (chosen) => chosen === ALL || chosen.size > 0;

/** What is chosen once one more is, or is not; every one of `known` together are ALL. */
export function withChosen(chosen, code, on, known) {
  const codes = new Set(chosen === ALL ? known : chosen);
  if (on) codes.add(code);
  else codes.delete(code);
  return known.length > 0 && known.every((each) => codes.has(each)) ? ALL : codes;
}

export const deviceState = () => ({ devices: { ...DEVICES_AT_FIRST }, device: { ...NO_THING }, camera: { ...NO_CAMERA } });
