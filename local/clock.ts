/** Time as a stand-in knows it, in ms of the Unix epoch. */
export interface Clock {
  now(): number;
  /** Calls back once `now()` has come to a time. @returns what calls it off */
  at(time: number, callback: () => void): () => void;
}

/** The machine's own time. Its timers keep no process alive: a visibility timeout outlives the test that began it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  at(time, callback) {
    let timer: NodeJS.Timeout;
    // A timer of Node may fire up to 1 ms before `Date.now()` has come so far.
    const wait = () => {
      const left = time - Date.now();
      if (left <= 0) callback();
      else timer = setTimeout(wait, left).unref();
    };
    timer = setTimeout(wait, Math.max(0, time - Date.now())).unref();
    return () => clearTimeout(timer);
  },
};

/** A clock that stands until it is told to go on, so that a test of a timeout waits for nothing. */
export class ManualClock implements Clock {
  #now: number;
  readonly #waits = new Set<{ readonly time: number; readonly callback: () => void }>();

  /** @param now where it begins, in ms of the Unix epoch; 2026-01-01T00:00:00Z unless told */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  at(time: number, callback: () => void): () => void {
    const wait = { time, callback };
    this.#waits.add(wait);
    return () => void this.#waits.delete(wait);
  }

  /** Goes on by so many ms; what falls due on the way is called in order, each at its own time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#waits].filter(({ time }) => time <= end).sort((a, b) => a.time - b.time);
      if (!next) break;
      this.#waits.delete(next);
      this.#now = Math.max(this.#now, next.time);
      next.callback();
    }
    this.#now = end;
  }
}
