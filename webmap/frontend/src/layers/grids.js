/** 网格: boundaries and codes of grids and areas. They are part of the base map's style, so showing is all. */

/** Value of "shapan:group" in the style's metadata. */
export const GRIDS = 'grids';

export function showGrids(cityMap, visible) {
  cityMap.showGroup(GRIDS, visible);
}
