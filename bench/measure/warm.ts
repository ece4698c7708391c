import type { Artifacts } from '../artifacts.ts';
import { quantile } from '../statistics.ts';
import type { Subject } from '../subjects.ts';
import type { World } from '../world.ts';
import { type Running, start } from './start.ts';

/** One block of messages that a warm process sent in a row. */
export interface Block {
  /** Milliseconds that half of the messages took at the most. */
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds of CPU a message, all threads of the process. */
  readonly cpu: number;
}

/** Messages before the first block: the optimising compiler has seen everything by then. */
const WARM_UP = 1_000;
/** Messages before each block: a connection that idled meanwhile is opened again by these. */
const BETWEEN = 10;

/**
 * Messages through warm processes, one after the other: in each run one block of every subject.
 *
 * @param messages messages a block
 * @returns one block a run, by subject
 */
export async function measureWarm(
  subjects: readonly Subject[],
  { runs, messages }: { runs: number; messages: number },
  artifacts: Artifacts,
  world: World,
): Promise<Map<string, Block[]>> {
  const running = new Map<string, Running>();
  const blocks = new Map<string, Block[]>(subjects.map(({ id }) => [id, []]));
  try {
    for (const subject of subjects) {
      const process = await start(subject, artifacts, world);
      running.set(subject.id, process);
      await process.send(WARM_UP);
    }
    for (let run = 0; run < runs; run++) {
      for (const [id, process] of rotate([...running], run)) {
        await process.send(BETWEEN);
        const { each = [], cpu } = await process.send(messages);
        const ms = each.map((microseconds) => microseconds / 1_000);
        blocks.get(id)?.push({ p50: quantile(ms, 0.5), p99: quantile(ms, 0.99), cpu: cpu / messages });
      }
    }
  } finally {
    for (const process of running.values()) await process.close();
  }
  return blocks;
}

/** The list from another beginning each time, so that none comes always first. */
export function rotate<Item>(list: readonly Item[], by: number): Item[] {
  const from = by % list.length;
  return [...list.slice(from), ...list.slice(0, from)];
}
