import type { Tries } from './client.ts';

/** Stands in the bundle for that of `@smithy/core/retry`. */
export class ConfiguredRetryStrategy implements Tries {
  readonly attempts: number;
  readonly pause: (attempt: number) => number;

  constructor(attempts: number, pause: (attempt: number) => number) {
    this.attempts = attempts;
    this.pause = pause;
  }
}
