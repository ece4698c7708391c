import { setTimeout as sleep } from 'node:timers/promises';
import { between, chance } from '../../support/random.ts';
import { callers, type Heard } from './callers.ts';
import type { Call } from './history.ts';
import { type ChaosOptions, Plan, type PlannedMessage } from './plan.ts';
import { type ChaosReport, reportOn } from './report.ts';
import { startWorld, type World } from './world.ts';

/** What a run is by default: the time-outs are those of a deployment. */
export const DEFAULTS: Omit<ChaosOptions, 'seed'> = {
  messages: 10_000,
  concurrency: 16,
  faults: 0.42,
  functions: 4,
  deadline: 2_000,
  rotation: 'drained',
};

/** Messages until the gates change: often enough that each state is met, seldom enough that a rested gate is used again. */
const phaseLength = (messages: number) => Math.min(250, Math.max(40, Math.floor(messages / 8)));

/** Most messages after a change of the key until each process has got over it. */
const MOST_PROBES = 500;

/** Sends all messages of a plan through a world, and says what became of them. `onProgress` is told how many have ended. */
export async function runChaos(
  options: ChaosOptions,
  onProgress: (ended: number) => void = () => undefined,
): Promise<ChaosReport> {
  const plan = new Plan(options);
  const world = await startWorld(plan);
  try {
    const calls = new Map<PlannedMessage, Call[]>();
    const play = async (message: PlannedMessage) => {
      const story: Call[] = [];
      calls.set(message, story);
      await tell(world, plan, message, story);
    };
    const startedAt = Date.now();
    const { messages, concurrency, rotation } = options;
    const phases = phaseLength(messages);
    const half = rotation === 'off' ? messages : Math.floor(messages / 2);
    let next = 0;
    let ended = 0;
    let changing: Promise<void> = Promise.resolve();
    const playUntil = async (end: number) => {
      const worker = async () => {
        while (next < end) {
          const index = next++;
          if (index % phases === 0) changing = changing.then(() => world.gates.enter(index / phases));
          if (rotation === 'live' && index === half) world.rotate();
          await play(plan.message(index));
          onProgress(++ended);
        }
      };
      await Promise.all(Array.from({ length: concurrency }, worker));
      await changing;
    };
    await playUntil(rotation === 'drained' ? half : messages);
    if (rotation === 'drained') {
      await world.gates.open(); // through a blackout no process would learn of the key
      world.rotate();
      await probe(world, plan, play, calls);
      await playUntil(messages);
    }
    return reportOn(plan, world, calls, Date.now() - startedAt);
  } finally {
    await world.close();
  }
}

/** One message after the other to each process, until each has sent one with the new key. */
async function probe(
  world: World,
  plan: Plan,
  play: (message: PlannedMessage) => Promise<void>,
  calls: Map<PlannedMessage, Call[]>,
): Promise<void> {
  const left = new Set(world.functions.keys());
  for (let probes = 0; left.size > 0; probes += 1) {
    if (probes === MOST_PROBES) throw new Error('A process did not get over the new API key');
    const message = {
      ...plan.message(plan.options.messages + probes),
      caller: 'plain' as const,
      doubleClick: undefined,
      loses: undefined,
      replayed: false,
    };
    await play(message);
    const [call] = calls.get(message) ?? [];
    if (call?.status === 200) left.delete(call.process);
    else await sleep(100);
  }
}

/** The whole story of one message: its caller, the double click, the replay. Every answer is noted, also one that its caller did not wait for. */
async function tell(world: World, plan: Plan, message: PlannedMessage, story: Call[]): Promise<void> {
  const { seed, functions } = plan.options;
  const asked: Promise<unknown>[] = [];
  const ask = (patience: number, loses?: number): Promise<Heard> => {
    const process = between(chance(seed, 'process', message.index, asked.length), 0, functions - 1);
    const startedAt = Date.now();
    const waits = Math.min(patience, loses ?? patience);
    const note = (status: number, code?: string, messageId?: string) => {
      story.push({ process, startedAt, endedAt: Date.now(), status, code, messageId });
      return undefined;
    };
    const answer = world.ask(message, process).then(
      ({ statusCode: status, headers, body }) => {
        note(status, body.code, body.messageId);
        return loses === undefined ? { status, retryAfter: headers['retry-after'] } : undefined;
      },
      (error: Error) => note(0, error.message),
    );
    asked.push(answer);
    return Promise.race([answer, sleep(waits, undefined, { ref: false })]);
  };

  let { loses } = message;
  const caller = callers[message.caller]((patience) => {
    const lost = loses;
    loses = undefined; // the first answer only
    return ask(patience, lost);
  });
  const second =
    message.doubleClick === undefined ? undefined : sleep(message.doubleClick).then(() => ask(10_000));
  await Promise.all([caller, second]);
  await Promise.all(asked);
  if (message.replayed) {
    await ask(10_000);
    await Promise.all(asked);
  }
}
