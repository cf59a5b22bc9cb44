/** What the store holds of events: the window, how it is drawn, played and compared, and the one that is open. */
import { ALL } from './event-columns.js';

/** No event is open. `tasks` is null for an account that may not see them. */
export const NO_EVENT = { status: 'closed', id: null, event: null, steps: [], tasks: null, error: null };

/** No second window of events stands beside the first. */
export const NO_COMPARISON = { kind: null, status: 'idle', error: null, from: 0, to: 0, complete: false };

export const eventState = () => ({
  window: { preset: '7d' },
  eventView: {
    status: 'idle', error: null, from: 0, to: 0, following: true, total: 0, matching: 0, most: 0, complete: true, held: false,
    filter: ALL, draw: 'auto', drawn: null, width: 0,
  },
  eventClasses: new Map(),
  playback: { on: false, playing: false, from: 0, to: 0, head: 0, trail: 0, speed: 1 },
  comparison: { ...NO_COMPARISON },
  event: { ...NO_EVENT },
});
