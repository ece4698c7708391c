const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** How old a value may be, in ms. */
export interface CacheTimes {
  /** Up to this age a value is used as it is. */
  readonly refreshAfter: number;
  /** Up to this age it is used, and refreshed meanwhile; beyond, a refresh is waited for: the process was frozen for long. */
  readonly refresh: number;
  /** Up to this age it is used if the refresh fails; beyond, it is not used at all. */
  readonly stale: number;
  /** Pause after a failed refresh, and between refreshes that were asked for with {@link Cache.renew}. */
  readonly pause: number;
  /**
   * Pause after a load that {@link Cache.get} waited for in vain: until it ends, that failure is the answer. Strangers can ask, too, and
   * each load is about ten calls of a Parameter Store that throttles already.
   */
  readonly failurePause: number;
}

const TIMES: CacheTimes = {
  refreshAfter: 5 * MINUTE,
  refresh: 30 * MINUTE,
  stale: 24 * 60 * MINUTE,
  pause: 5 * SECOND,
  // Short, so that a person who asks again has another load. One that Parameter Store throttles lasts 1.9 s, so this is 10 calls in 2.9 s.
  failurePause: SECOND,
};

/**
 * The times for another age up to which a value is used as it is, in ms. While it is refreshed it is used up to six times that age, as by
 * default; no pause is longer than the age, so that 0 loads for each request.
 */
export const timesFor = (refreshAfter: number): Partial<CacheTimes> => ({
  refreshAfter,
  refresh: 6 * refreshAfter,
  pause: Math.min(TIMES.pause, refreshAfter),
});

/** What a {@link Cache} needs. */
export interface CacheOptions<Value> {
  /** Fetches the value; its rejection means "keep what there is". */
  readonly load: () => Promise<Value>;
  /** Told, once a load, of one that failed while there is an older value, and of that value's age. */
  readonly onStale: (error: unknown, ageSeconds: number) => void;
  readonly times?: Partial<CacheTimes>;
  /** The time in ms; the wall clock, because Lambda stops monotonic ones while it freezes a process. */
  readonly now?: () => number;
}

interface Entry<Value> {
  readonly value: Value;
  readonly loadedAt: number;
}

/** A value that is loaded once for all who ask at the same time, kept, refreshed in the background and outlives outages. */
export class Cache<Value> {
  readonly #options: CacheOptions<Value>;
  readonly #times: CacheTimes;
  readonly #now: () => number;
  #entry: Entry<Value> | undefined;
  #loading: Promise<Entry<Value>> | undefined;
  #pausedUntil = 0;
  #failure: { readonly error: unknown; readonly at: number } | undefined;

  constructor(options: CacheOptions<Value>) {
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
    this.#now = options.now ?? Date.now;
  }

  /** How old the value is, in whole seconds; undefined if there is none. */
  get ageSeconds(): number | undefined {
    return this.#entry && Math.round((this.#now() - this.#entry.loadedAt) / SECOND);
  }

  /**
   * Loads the value before anybody asks. A failure starts no pause and is not thrown: the first request comes milliseconds later,
   * loads once more, and can answer for it.
   */
  async warm(): Promise<void> {
    await this.#load().catch(() => undefined);
  }

  /**
   * The value.
   *
   * @throws what `load` threw, if there is no value that may still be used; at once, without a load, for a second after it threw
   */
  async get(): Promise<Value> {
    return (await this.#current()).value;
  }

  /**
   * The value, refreshed first if it is older than `refreshAfter`: for a "no" that a newer value may turn into a "yes".
   *
   * @throws what `load` threw, if there is no value that may still be used
   */
  async getRefreshed(): Promise<Value> {
    const current = await this.#current();
    const entry = this.#entry ?? current; // a newer one may be there by now
    const isOld = this.#now() - entry.loadedAt > this.#times.refreshAfter;
    if (!isOld || this.#now() < this.#pausedUntil) {
      return entry.value;
    }
    return (await this.#load().catch(() => entry)).value;
  }

  async #current(): Promise<Entry<Value>> {
    const entry = this.#entry;
    const age = entry ? this.#now() - entry.loadedAt : Number.POSITIVE_INFINITY;
    if (!entry || age > this.#times.stale) {
      return this.#loadOrFail();
    }
    if (age <= this.#times.refreshAfter || this.#now() < this.#pausedUntil) {
      return entry;
    }
    const refreshed = this.#load().catch(() => entry);
    return age <= this.#times.refresh ? entry : refreshed;
  }

  /**
   * A newer value than one that proved wrong: loaded at once, or the one that was loaded meanwhile.
   *
   * @param rejected the value that proved wrong
   * @returns a newer value, or `rejected` itself if none can be had now (the load failed, or was tried a moment ago)
   */
  async renew(rejected: Value): Promise<Value> {
    if (this.#entry && this.#entry.value !== rejected) {
      return this.#entry.value;
    }
    if (!this.#loading && this.#now() < this.#pausedUntil) {
      return rejected;
    }
    try {
      const renewed = await this.#load();
      this.#pausedUntil = this.#now() + this.#times.pause;
      return renewed.value;
    } catch {
      return rejected;
    }
  }

  /** Loads where there is nothing to fall back on, but not in the pause after that failed. */
  async #loadOrFail(): Promise<Entry<Value>> {
    const failure = this.#failure;
    const sinceFailure = failure ? this.#now() - failure.at : Number.POSITIVE_INFINITY;
    // Less than 0: the clock was set back, which must not make the pause longer.
    if (failure && !this.#loading && sinceFailure >= 0 && sinceFailure < this.#times.failurePause) {
      throw failure.error;
    }
    try {
      return await this.#load();
    } catch (error) {
      this.#failure = { error, at: this.#now() };
      throw error;
    }
  }

  #load(): Promise<Entry<Value>> {
    this.#loading ??= this.#options
      .load()
      .then((value) => {
        this.#entry = { value, loadedAt: this.#now() };
        return this.#entry;
      })
      .catch((error: unknown) => {
        const now = this.#now();
        this.#pausedUntil = now + this.#times.pause;
        if (this.#entry) {
          this.#options.onStale(error, Math.round((now - this.#entry.loadedAt) / SECOND));
        }
        throw error;
      })
      .finally(() => {
        this.#loading = undefined;
      });
    return this.#loading;
  }
}
