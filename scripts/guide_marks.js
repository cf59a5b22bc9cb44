/* Numbered marks over a page, for pictures of the guide: each frames an element and says its number beside it. */
(marks) => {
  const COLOUR = '#ff5c8a';
  document.querySelector('#guide-marks')?.remove();
  const sheet = document.createElement('div');
  sheet.id = 'guide-marks';
  Object.assign(sheet.style, { position: 'fixed', inset: '0', zIndex: '99999', pointerEvents: 'none' });
  const missing = [];
  marks.forEach(({ selector, side }, index) => {
    const found = [...document.querySelectorAll(selector)].map((one) => one.getBoundingClientRect()).find((box) => box.width > 0);
    if (!found) {
      missing.push(selector);
      return;
    }
    const gap = 4;
    const left = Math.max(2, found.left - gap);
    const top = Math.max(2, found.top - gap);
    const right = Math.min(innerWidth - 2, found.right + gap);
    const bottom = Math.min(innerHeight - 2, found.bottom + gap);
    const frame = document.createElement('div');
    Object.assign(frame.style, {
      position: 'fixed', left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px`,
      border: `2.5px solid ${COLOUR}`, borderRadius: '7px', boxSizing: 'border-box', boxShadow: '0 0 0 1.5px rgba(255, 255, 255, .55)',
    });
    const badge = document.createElement('div');
    badge.textContent = String(index + 1);
    const size = 30;
    const at = {
      left: [left - size * 0.6, (top + bottom) / 2], right: [right + size * 0.6, (top + bottom) / 2],
      above: [(left + right) / 2, top - size * 0.45], below: [(left + right) / 2, bottom + size * 0.45],
      corner: [left, top],
    }[side];
    const x = Math.min(innerWidth - size / 2 - 3, Math.max(size / 2 + 3, at[0]));
    const y = Math.min(innerHeight - size / 2 - 3, Math.max(size / 2 + 3, at[1]));
    Object.assign(badge.style, {
      position: 'fixed', left: `${x - size / 2}px`, top: `${y - size / 2}px`, width: `${size}px`, height: `${size}px`,
      borderRadius: '50%', background: COLOUR, color: '#fff', font: `700 17px/${size}px "Noto Sans CJK SC", sans-serif`,
      textAlign: 'center', boxShadow: '0 0 0 2px #fff, 0 2px 8px rgba(0, 0, 0, .5)',
    });
    sheet.append(frame, badge);
  });
  document.body.append(sheet);
  return missing;
}
