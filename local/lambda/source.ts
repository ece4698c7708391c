/** A running event source mapping. */
export interface EventSource {
  /** Resolves when nothing waits that could be delivered now, and no invocation runs. */
  idle(): Promise<void>;
  /** Delivers nothing more. An invocation that runs is left to itself: its function may be gone, and never answer. */
  close(): Promise<void>;
}

/** Those who wait until a condition holds. */
export class Waiters {
  readonly #waiting = new Set<() => void>();

  /** Resolves at the next `settle` that finds the condition true, at once if it is true now. */
  wait(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const check = () => {
        if (!condition()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
    });
  }

  /** Looks whether what they wait for has come. */
  settle(): void {
    for (const check of [...this.#waiting]) check();
  }
}
