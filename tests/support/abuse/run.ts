import { setTimeout as sleep } from 'node:timers/promises';
import { type Stack, startStack, TIME_ENOUGH } from '../stack.ts';
import { tally } from '../tally.ts';
import { attackerOf, isAttacked, peopleOf, type Scene, type Visit } from './cast.ts';

const HOUR_MS = 3_600_000;

/** What a scene of abuse came to. */
export type AbuseReport = ReturnType<typeof reportOn>;

/**
 * Plays a scene against the function.
 *
 * @param limits environment variables, where the limits are not those by default
 */
export async function runAbuse(scene: Scene, limits: Record<string, string> = {}): Promise<AbuseReport> {
  // dynalite, SMS Aero, 64 attackers and the people share two processors here: the usual time-outs would test the machine.
  const environment = { ...TIME_ENOUGH.environment, ...limits };
  const stack = await startStack({ guard: true, ...TIME_ENOUGH, environment });
  try {
    stack.account.balance = 1_000_000;
    const startedAt = Date.now();
    const ask = ({ number: to, code, ip }: Visit) => stack.logto({ to, payload: { code }, ip });
    const visit = async (each: Visit) => {
      await sleep(Math.max(0, startedAt + each.at - Date.now()));
      return ask(each);
    };
    const attack = attackerOf(scene).values();
    const attacker = async () => {
      for (const each of attack) await visit(each);
    };
    const people = peopleOf(scene);
    /** A person waits from when the page shows that a code was sent, not from when it was asked for. */
    const person = async (visits: readonly Visit[]): Promise<void> => {
      let before: Visit | undefined;
      for (const each of visits) {
        if (before) await sleep(each.at - before.at);
        await (before ? ask(each) : visit(each));
        before = each;
      }
    };
    await Promise.all([
      Promise.all([...Map.groupBy(people, ({ number }) => number).values()].map(person)),
      ...Array.from({ length: scene.inParallel }, attacker),
    ]);
    return reportOn(scene, stack, people, startedAt);
  } finally {
    await stack.close();
  }
}

function reportOn(scene: Scene, stack: Stack, people: readonly Visit[], startedAt: number) {
  const endedAt = Date.now();
  const paid = stack.account.messages();
  const paidToAttacker = paid.filter(({ number }) => isAttacked(number)).length;
  const lines = stack.hook.logs('sms');
  return {
    /** Messages to the attacker's numbers that SMS Aero took, and is paid for. */
    paidToAttacker,
    /** What the attacker was answered: how often, by the limit that refused. */
    toAttacker: tally(lines.filter(isOfAttacker).map(wordsOf)),
    /** Requests of ordinary people, and messages that they got. */
    honestRequests: people.length,
    honestMessages: paid.length - paidToAttacker,
    /** How often a person's request was not sent, by the reason. */
    honestRefused: tally(lines.filter((line) => !isOfAttacker(line) && !isSent(line)).map(wordsOf)),
    /** Calls to the table for each request. */
    tableCalls: stack.table.calls.length / (scene.attack + people.length),
    /** Requests for which a part of the guard could not be asked. */
    guardSkipped: lines.filter((line) => 'guardSkipped' in line).length,
    /** Clock hours that the scene was in: the total and its ranges are counted by them. */
    clockHours: Math.floor(endedAt / HOUR_MS) - Math.floor(startedAt / HOUR_MS) + 1,
    seconds: (endedAt - startedAt) / 1000,
  };
}

/** Logs show the country code and three digits of a number. */
const isOfAttacker = ({ recipient }: Record<string, unknown>) => isAttacked(String(recipient).slice(1));
const isSent = ({ outcome }: Record<string, unknown>) => outcome === 'accepted' || outcome === 'duplicate';
const wordsOf = ({ outcome, reason, limit }: Record<string, unknown>) =>
  [outcome, reason, limit].filter(Boolean).join(' ');
