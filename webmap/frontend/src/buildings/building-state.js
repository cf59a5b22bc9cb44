/** What the store holds of buildings: how they are coloured and drawn, the card of one or of a cell, its rooms, one household. */
import { NO_PHOTOS } from '../survey-photos.js';

/**
 * No room is open. `data` is the room as the server tells it, `form` the resident whom somebody asks to see, `fault` why
 * it was refused; `revealed` holds residents as they are, each until its time is over, and nothing else here does. `photos`
 * are those of the room's surveys.
 */
export const NO_HOUSEHOLD = {
  status: 'closed', id: null, data: null, error: null, form: null, busy: false, fault: null, revealed: new Map(), left: null,
  photos: NO_PHOTOS,
};

/** No building's rooms are listed. `unit` and `state`: which of them. */
export const NO_ROOMS = { status: 'closed', buildingId: null, data: null, error: null, unit: null, state: null };

export const buildingState = () => ({
  metric: 'residents',
  form: 'height',
  columns: { key: '', count: 0, labelled: 0, hidden: 0 },
  classCounts: null,
  /** Buildings that the tiles in view leave out. */
  hidden: 0,
  card: { status: 'closed', id: null, building: null, error: null },
  cell: null,
  cellSides: null,
  household: { ...NO_HOUSEHOLD },
  rooms: { ...NO_ROOMS },
});
