/** Paper is white: what is printed has the colours of the day, whatever the screen has. */

/** @param {HTMLElement} root @param {EventTarget} [page] that tells when it is printed */
export function printByDay(root, page = window) {
  let style = null;
  page.addEventListener('beforeprint', () => {
    style ??= root.dataset.style;
    root.dataset.style = 'day';
  });
  page.addEventListener('afterprint', () => {
    if (style !== null) root.dataset.style = style;
    style = null;
  });
}
