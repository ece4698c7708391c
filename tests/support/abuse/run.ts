import { setTimeout as sleep } from 'node:timers/promises';
import { createLogtoCaller, type LogtoAnswer } from '../logto-caller.ts';
import { type Stack, startStack, TIME_ENOUGH } from '../stack.ts';
import { attackerOf, isAttacked, peopleOf, type Scene, type Visit } from './cast.ts';

/** Requests of the attacker that are under way at the same time at most. */
const ATTACKERS = 64;

/** What a scene of abuse came to. */
export interface AbuseReport {
  readonly scene: Scene;
  /** Messages to the attacker's numbers that SMS Aero took, and is paid for. */
  readonly paidToAttacker: number;
  /** What the attacker was answered: how often, by the limit that refused. */
  readonly toAttacker: Readonly<Record<string, number>>;
  /** Requests of ordinary people, and messages that they got. */
  readonly honestRequests: number;
  readonly honestMessages: number;
  /** What people were answered beside 200. */
  readonly honestRefused: Readonly<Record<string, number>>;
  /** Calls to the table for each request. */
  readonly tableCalls: number;
  /** Requests for which a part of the guard could not be asked. */
  readonly guardSkipped: number;
  readonly seconds: number;
}

/** Plays a scene against the built function with the limits as they are by default. */
export async function runAbuse(scene: Scene): Promise<AbuseReport> {
  // dynalite, SMS Aero, 64 attackers and the people share two processors here: the usual time-outs would test the machine.
  const stack = await startStack({ guard: true, plainHttp: true, gates: 1, ...TIME_ENOUGH });
  const caller = createLogtoCaller();
  try {
    stack.account.balance = 1_000_000;
    const startedAt = Date.now();
    const visit = async (each: Visit): Promise<LogtoAnswer> => {
      await sleep(Math.max(0, startedAt + each.at - Date.now()));
      return caller.ask(stack.hook.url, each);
    };
    const attack = attackerOf(scene).values();
    const attacker = async () => {
      for (const each of attack) await visit(each);
    };
    const people = peopleOf(scene);
    /** A person waits from when the page shows that a code was sent, not from when it was asked for. */
    const person = async (visits: readonly Visit[]): Promise<LogtoAnswer[]> => {
      const answers: LogtoAnswer[] = [];
      let before: Visit | undefined;
      for (const each of visits) {
        if (before) await sleep(each.at - before.at);
        answers.push(await (before ? caller.ask(stack.hook.url, each) : visit(each)));
        before = each;
      }
      return answers;
    };
    const [answers] = await Promise.all([
      Promise.all([...Map.groupBy(people, ({ number }) => number).values()].map(person)),
      ...Array.from({ length: ATTACKERS }, attacker),
    ]);
    return reportOn(scene, stack, people, answers.flat(), Date.now() - startedAt);
  } finally {
    caller.close();
    await stack.close();
  }
}

function reportOn(
  scene: Scene,
  stack: Stack,
  people: readonly Visit[],
  answers: readonly LogtoAnswer[],
  milliseconds: number,
): AbuseReport {
  const paid = stack.account.messages();
  const paidToAttacker = paid.filter(({ number }) => isAttacked(number)).length;
  const lines = stack.hook.logs().filter(({ message }) => message === 'sms');
  const refused = answers.filter(({ status }) => status !== 200);
  return {
    scene,
    paidToAttacker,
    // All of the attacker's numbers, and no other, begin with 7903.
    toAttacker: tally(
      lines
        .filter(({ recipient }) => String(recipient).startsWith('+7903'))
        .map(({ outcome, reason, limit }) => [outcome, reason, limit].filter(Boolean).join(' ')),
    ),
    honestRequests: people.length,
    honestMessages: paid.length - paidToAttacker,
    honestRefused: tally(refused.map(({ status, body }) => `${status} ${body.code ?? ''}`)),
    tableCalls: stack.table.calls.length / (scene.attack + people.length),
    guardSkipped: lines.filter((line) => 'guardSkipped' in line).length,
    seconds: milliseconds / 1000,
  };
}

function tally(names: readonly string[]): Record<string, number> {
  const groups = Map.groupBy(names, (name) => name);
  return Object.fromEntries([...groups].map(([name, members]) => [name, members.length]));
}
