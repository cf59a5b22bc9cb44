/** What the store holds of what lies under the city: what is on record of it, and how strong each layer is drawn. */
import { NO_SOURCES } from './sources.js';

export const baseState = () => ({
  /** Name in the tree → 0 to 1; what is not here is drawn as it is. */
  strengths: {},
  under: { sources: NO_SOURCES, troubles: [] },
});
