import type { Report } from '../lambda/runtime-api.ts';
import type { Batch } from '../measure/bulk.ts';
import type { Shares } from '../measure/profile.ts';
import type { Block } from '../measure/warm.ts';
import { median } from '../statistics.ts';

/** All that a run of the benchmark measured, by the ids of the subjects. */
export interface Results {
  readonly runs: number;
  readonly messages: number;
  /** Bytes of each subject's code. */
  readonly bytes: ReadonlyMap<string, number>;
  readonly cold: ReadonlyMap<string, readonly Report[]>;
  readonly warm: ReadonlyMap<string, readonly Block[]>;
  /** What the CPU time of a warm message is spent on. */
  readonly shares: ReadonlyMap<string, readonly Shares[]>;
  /** By id and size of the batch: `usual 10`. */
  readonly bulk: ReadonlyMap<string, readonly Batch[]>;
}

/** Values of one measure of one subject; empty if it was not measured. */
export function values<Measured>(
  from: ReadonlyMap<string, readonly Measured[]>,
  id: string,
  of: (measured: Measured) => number,
): number[] {
  return (from.get(id) ?? []).map(of);
}

/** Ratio of two medians; NaN if one was not measured. */
export function ratio<Measured>(
  from: ReadonlyMap<string, readonly Measured[]>,
  id: string,
  to: string,
  of: (measured: Measured) => number,
): number {
  return median(values(from, id, of)) / median(values(from, to, of));
}
