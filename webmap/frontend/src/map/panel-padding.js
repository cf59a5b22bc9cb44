/** How much of the map panels cover. */

/** Panels end above the middle of the screen more often than not: the city may reach this far under them. */
const UNDER_PANELS = 0.25;

/**
 * Pixels of the map that panels cover, so that the middle of the city, or an alarm, stands in the free part. `under`: the
 * share of a panel that may cover what is shown; 0 where all of it is to be seen, beside a card as well.
 */
export function panelPadding({ width, height }, under = UNDER_PANELS) {
  const boxOf = (slot) => {
    const element = document.querySelector(`.${slot}`);
    const box = element?.getBoundingClientRect();
    return box?.width > 0 && box.width < width / 2 && getComputedStyle(element).visibility !== 'hidden' ? box : null;
  };
  const open = document.querySelector(under > 0 ? '.dossier, .thing-card' : '.card-place article:not([hidden])');
  // On a small screen a card lies on the list. Where all of it is to be seen, the buttons are in the way as well.
  const atRight = ['right-side', ...(open ? ['card-place'] : []), ...(under > 0 ? [] : ['map-controls'])];
  return {
    left: (boxOf('left-side')?.width ?? 0) * (1 - under),
    right: Math.max(...atRight.map((slot) => width - (boxOf(slot)?.left ?? width))) * (1 - under),
    top: ['top', 'warning-strip'].reduce((sum, name) => sum + (document.querySelector(`.${name}`)?.offsetHeight ?? 0), 0),
    bottom: height * 0.02,
  };
}
