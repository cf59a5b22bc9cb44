/** 量测: how measuring stands before anybody begins. */

/** Nothing is measured. `lengths` in metres, side by side; `area` in m², null where sides cross or there is none. */
export const NO_MEASURE = { mode: null, points: [], pointer: null, done: false, lengths: [], area: null, crossing: false };
