/** How a building comes apart: from 0 to 1 in a moment, at once for those who dislike motion or whose processor draws. */

const DURATION = 620;

const eased = (share) => 1 - (1 - share) ** 3;

export class Rise {
  /** 0 for together, 1 for apart. */
  progress = 1;

  #frame = null;

  /** @param {{onStep: () => void}} parts called after each step */
  constructor({ onStep }) {
    this.onStep = onStep;
  }

  begin() {
    this.stop();
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches || document.documentElement.dataset.webgl === 'software';
    if (still) return;
    const start = performance.now();
    this.progress = 0;
    const step = (now) => {
      const share = Math.min(1, Math.max(0, (now - start) / DURATION));
      this.progress = eased(share);
      this.#frame = share < 1 ? requestAnimationFrame(step) : null;
      this.onStep();
    };
    this.#frame = requestAnimationFrame(step);
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#frame = null;
    this.progress = 1;
  }
}
