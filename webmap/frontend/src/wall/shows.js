/** What colours the map at a stop: by the name that the stop has for it, the figure of grids and the metric of buildings. */

/** Without anything to compare, buildings are grey and those of alarms are not. */
const PLAIN = { figure: 'none', metric: 'alarms' };

export const SHOWS = {
  buildings: { figure: 'none', metric: 'residents' },
  alarms: PLAIN,
  night: PLAIN,
  entry_rate: { figure: 'entry_rate', metric: 'alarms' },
  events: { figure: 'events_open', metric: 'alarms' },
  overdue: { figure: 'tasks_overdue', metric: 'alarms' },
  density: { figure: 'none', metric: 'density' },
  use: { figure: 'none', metric: 'use' },
};

/** One that this page does not know shows nothing that it does not mean. */
export const shown = (show) => (Object.hasOwn(SHOWS, show) ? SHOWS[show] : PLAIN);
