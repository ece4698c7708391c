import type { Artifacts } from '../artifacts.ts';
import { startLambda } from '../lambda/process.ts';
import type { Report } from '../lambda/runtime-api.ts';
import type { Subject } from '../subjects.ts';
import type { World } from '../world.ts';

/** A subject that runs. */
export interface Running {
  /**
   * Has it send so many messages: one in an invocation, several in a row or at once.
   *
   * @throws Error unless each of them was sent: a subject that fails is fast, and worth nothing
   */
  send(messages: number, how?: 'in-a-row' | 'at-once'): Promise<Report>;
  close(): Promise<void>;
}

/** Starts a subject in a separate process. @param flags further flags of Node */
export async function start(
  subject: Subject,
  artifacts: Artifacts,
  world: World,
  flags: readonly string[] = [],
): Promise<Running> {
  const artifact = artifacts.get(subject.artifact);
  if (!artifact) throw new Error(`There is no artifact ${subject.artifact}`);
  const environment = { ...world.environment, ...(subject.guard ? world.guard : {}) };
  const running = await startLambda(artifact, environment, flags);
  return {
    close: running.close,
    async send(messages, how = 'in-a-row') {
      const single = messages === 1 || (how === 'at-once' && subject.batch !== undefined);
      const payload = await (how === 'at-once' && subject.batch
        ? subject.batch(messages)
        : single
          ? subject.event(world)
          : Promise.all(Array.from({ length: messages }, () => subject.event(world))));
      const before = world.messages();
      const { answer, report } = await running.invoke(payload, single ? undefined : how);
      const answers = single ? [answer] : (answer as unknown[]);
      const bad = answers.find((each) => !subject.sent(each));
      if (bad !== undefined) throw new Error(`${subject.title} answered ${JSON.stringify(bad)}`);
      const accepted = world.messages() - before;
      if (accepted !== messages) throw new Error(`${subject.title}: ${accepted} sent of ${messages}`);
      return report;
    },
  };
}
