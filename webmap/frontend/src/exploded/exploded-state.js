/** What the store holds of a building that is taken apart, and of the lines to what is near. */

/**
 * No building is taken apart. `contents` are its rooms and `scene` its picture as the server tells them; `floor` is the one
 * storey that is shown, null for all; `room` and `hovered` are ids; `fly`: whether the camera is to go there.
 */
export const NO_EXPLODED = {
  status: 'closed', id: null, contents: null, scene: null, floor: null, room: null, hovered: null, error: null, fly: true,
};

export const explodedState = () => ({
  exploded: { ...NO_EXPLODED },
  autoExplode: true,
  nearLines: true,
});
