// When to draw: on an animation frame, however many changes came since the last one; no more often than every 100 ms
// and never more than half of the time; not at all while nobody looks.

const kShortestMs = 100;
const kLongestMs = 2000;  // a machine that slept while it drew must not be taken for a slow one

export class DrawLoop {
  // `draw` may answer a promise and must not fail.
  constructor(draw) {
    this.draw = draw;
    this.wanted = false;
    this.scheduled = false;
    this.due = 0;
    document.addEventListener('visibilitychange', () => this.schedule());
  }

  request() {
    this.wanted = true;
    this.schedule();
  }

  schedule() {
    if (!this.wanted || this.scheduled || document.hidden) return;
    this.scheduled = true;
    setTimeout(() => requestAnimationFrame(() => this.run()), Math.max(0, this.due - performance.now()));
  }

  async run() {
    this.wanted = false;
    const began = performance.now();
    await this.draw();
    const cost = performance.now() - began;
    this.due = began + cost + Math.min(Math.max(kShortestMs - cost, cost), kLongestMs);
    this.scheduled = false;
    this.schedule();
  }
}
