/** 检索: how the search stands before anybody types. */

/** Nothing is looked for. `chosen` is the place of the one that Enter takes, -1 for none. */
export const NO_SEARCH = { text: '', status: 'idle', results: [], chosen: -1, error: null, open: false };

export const searchState = () => ({ search: { ...NO_SEARCH } });
