/** What the store holds of grids: the figure that colours them, the one that is open, what the pointer rests on. */

/** Grids are not coloured. `legends`: of communities and of grids; `near`: single grids are shown; `all`: all are listed. */
export const NO_CHOROPLETH = {
  figure: 'none', kind: 'population', status: 'off', error: null, legends: [], near: true, all: false,
};

/** No grid is open. `tab`: the grid itself, or the building that was opened from it; `days`, `worst`: null while asked for. */
export const NO_GRID = {
  status: 'closed', code: null, tab: 'grid', place: null, error: null, days: null, worst: null,
  rooms: { status: 'closed', groups: [], next: '', error: null },
};

/** Whether grids carry the colours of a figure: two scales on one picture are none, so buildings are grey meanwhile. */
export const gridsColoured = ({ choropleth, past }) => choropleth.figure !== 'none' && !past.on;

export const gridState = () => ({
  choropleth: { ...NO_CHOROPLETH },
  grid: { ...NO_GRID },
  hover: null,
});
