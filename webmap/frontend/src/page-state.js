/** What the store holds when a page opens: each concept says its own part, beside its module. */
import { alarmState } from './alarms/alarm-state.js';
import { baseState } from './base/base-state.js';
import { buildingState } from './buildings/building-state.js';
import { deviceState } from './devices/device-state.js';
import { eventState } from './events/event-state.js';
import { explodedState } from './exploded/exploded-state.js';
import { gridState } from './grids/grid-state.js';
import { keeperState } from './keepers/keeper-state.js';
import { pastState } from './past/past-state.js';
import { searchState } from './search/search-state.js';
import { toolState } from './tools/tool-state.js';
import { warningState } from './warnings/warning-state.js';

const CONCEPTS = [
  alarmState,
  baseState,
  buildingState,
  deviceState,
  eventState,
  explodedState,
  gridState,
  keeperState,
  pastState,
  searchState,
  toolState,
  warningState,
];

/** The state of a page that opens; each call makes one of its own. */
export function atFirst() {
  return {
    counts: {},
    connection: { state: 'connecting', since: null },
    serverOffset: 0,
    scene: { status: 'loading', error: null, legend: [], bounds: null, exact: true },
    tileFailures: 0,
    contextLost: false,
    bearing: 0,
    style: 'night',
    layers: { buildings: true, alarms: true, grids: true, labels: true, events: false, keepers: false },
    folded: new Set(),
    ...Object.assign({}, ...CONCEPTS.map((concept) => concept())),
  };
}
