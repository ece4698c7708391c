import type { Artifacts } from '../artifacts.ts';
import type { Report } from '../lambda/runtime-api.ts';
import type { Subject } from '../subjects.ts';
import type { World } from '../world.ts';
import { start } from './start.ts';
import { rotate } from './warm.ts';

/**
 * First answers of new processes: in each run one process of every subject, beginning with another one each time.
 *
 * @returns one report a run, by subject
 */
export async function measureCold(
  subjects: readonly Subject[],
  runs: number,
  artifacts: Artifacts,
  world: World,
): Promise<Map<string, Report[]>> {
  const reports = new Map<string, Report[]>(subjects.map(({ id }) => [id, []]));
  // The first process of each is not counted: it brings the file into the disk cache.
  for (let run = 0; run <= runs; run++) {
    for (const subject of rotate(subjects, run)) {
      const running = await start(subject, artifacts, world);
      try {
        const report = await running.send(1);
        if (run > 0) reports.get(subject.id)?.push(report);
      } finally {
        await running.close();
      }
    }
  }
  return reports;
}
