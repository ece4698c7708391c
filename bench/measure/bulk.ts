import type { Artifacts } from '../artifacts.ts';
import { HTTP_SUBJECTS, QUEUE_SUBJECTS, type Subject } from '../subjects.ts';
import type { World } from '../world.ts';
import { type Running, start } from './start.ts';
import { rotate } from './warm.ts';

/** Messages a batch of SQS: the usual size, and a large one with a batching window. */
export const BATCHES = [10, 100];

/** One batch. */
export interface Batch {
  readonly messagesASecond: number;
  /** Milliseconds of CPU a message, all threads of the process. */
  readonly cpu: number;
}

const WARM_UP_BATCHES = 20;

/**
 * Batches through warm processes. `sms-queue` gets an event of SQS; a peer, which has no function for a queue, gets as many
 * invocations of its handler at once, in one process: more than Lambda would let it do.
 *
 * @returns one batch a run, by subject and size: `usual 10`; nothing of ours where `sms-queue` is not built
 */
export async function measureBulk(
  runs: number,
  artifacts: Artifacts,
  world: World,
): Promise<Map<string, Batch[]>> {
  const batches = new Map<string, Batch[]>();
  const running: { subject: Subject; process: Running }[] = [];
  try {
    for (const subject of bulkSubjects(artifacts)) {
      const process = await start(subject, artifacts, world);
      running.push({ subject, process });
      for (let batch = 0; batch < WARM_UP_BATCHES; batch++) await process.send(10, 'at-once');
    }
    for (let run = 0; run < runs; run++) {
      for (const { subject, process } of rotate(running, run)) {
        for (const size of BATCHES) {
          await process.send(10, 'at-once');
          const { took, cpu } = await process.send(size, 'at-once');
          const key = `${subject.id} ${size}`;
          const before = batches.get(key) ?? [];
          batches.set(key, [...before, { messagesASecond: size / (took / 1_000), cpu: cpu / size }]);
        }
      }
    }
  } finally {
    for (const { process } of running) await process.close();
  }
  return batches;
}

/** Floor and peers, and ours if it is there. */
export function bulkSubjects(artifacts: Artifacts): Subject[] {
  const peers = HTTP_SUBJECTS.filter(({ artifact }) => artifact.startsWith('peers/'));
  return [...peers, ...QUEUE_SUBJECTS.filter(({ artifact }) => artifacts.get(artifact))];
}
