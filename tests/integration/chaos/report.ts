import { tally } from '../../support/tally.ts';
import { check, type Findings } from './checks.ts';
import { type Call, describeHistory, historiesOf } from './history.ts';
import type { Plan, PlannedMessage } from './plan.ts';
import type { World } from './world.ts';

/** What a run came to. */
export type ChaosReport = ReturnType<typeof reportOn>;

/** Reads the ledger, the answers and the logs of a run that has ended. */
export function reportOn(
  plan: Plan,
  world: World,
  calls: ReadonlyMap<PlannedMessage, readonly Call[]>,
  milliseconds: number,
) {
  const { options } = plan;
  const histories = historiesOf(world, calls);
  const found = histories.map((history) => ({
    history,
    ...check(history, options.deadline, world.gates.closings),
  }));
  const all = [...calls.values()].flat();
  const lines = histories.flatMap((history) => history.lines);
  const skipped = lines.flatMap((line) => (line['skipped'] ?? []) as { cause: string }[]);
  const requestFaults = world.account.ledger.filter(({ fault }) => fault !== undefined).length;
  const count = (is: (findings: Findings) => boolean) => found.filter(is).length;
  const silent = /sent" |lost|silence|not sent"|without an answer/;
  return {
    options,
    messages: calls.size,
    requests: all.length,
    /** Requests that reached a gate, and connections that a fault or a closed port ended. */
    gatewayCalls: world.account.ledger.length + skipped.length,
    faultedCalls: requestFaults + skipped.length,
    /** Faults at the gates, failures of AWS, and why gates were passed over, by name. */
    faults: {
      ...Object.fromEntries(world.gates.played),
      ...tally(skipped.map(({ cause }) => `passed over: ${cause}`)),
      ...Object.fromEntries(world.aws),
    },
    /** Answers to callers, by status and code. */
    answers: tally(all.map(({ status, code }) => `${status} ${code ?? ''}`.trim())),
    sentTwice: count(({ accepted }) => accepted > 1),
    /** Messages without an answer, or whose callers were told something else than the ledger says. */
    lost: count(({ violations }) => violations.some((violation) => silent.test(violation))),
    withheld: count(({ withheld }) => withheld),
    unheard: count(({ unheard }) => unheard),
    unknown: count(({ unknown }) => unknown),
    outwaited: count(({ outwaited }) => outwaited),
    accepted: count(({ accepted }) => accepted > 0),
    guardSkipped: lines.filter((line) => 'guardSkipped' in line).length,
    /** Broken promises, each with the message's history, and trouble in the functions' output. */
    violations: [
      ...found.flatMap(({ violations, history }) =>
        violations.length > 0 ? [[...violations, ...describeHistory(history)].join('\n')] : [],
      ),
      ...crashes(world),
    ],
    seconds: milliseconds / 1000,
  };
}

/** Output of the functions that is no log line, and errors that nothing expected. */
function crashes({ functions }: World): string[] {
  return functions.flatMap((each) => [
    ...each
      .output()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('{'))
      .map((line) => `output that is no log line: ${line}`),
    ...each.logs('unexpected error').map(({ problem }) => `unexpected error: ${JSON.stringify(problem)}`),
  ]);
}

/** The report as lines of text. */
export function describeReport(report: ChaosReport): string[] {
  const { options, messages, requests, gatewayCalls, faultedCalls } = report;
  const counts = (numbers: Readonly<Record<string, number>>) =>
    Object.entries(numbers)
      .toSorted(([, a], [, b]) => b - a)
      .map(([name, number]) => `  ${String(number).padStart(7)}  ${name}`);
  return [
    `seed ${options.seed}: ${messages} messages at concurrency ${options.concurrency}, ${options.functions} processes, ${report.seconds.toFixed(1)} s`,
    `requests of callers: ${requests}`,
    `calls to gates: ${gatewayCalls}, faulted: ${faultedCalls} (${((100 * faultedCalls) / gatewayCalls).toFixed(1)} %)`,
    'faults',
    ...counts(report.faults),
    'answers',
    ...counts(report.answers),
    `messages accepted by SMS Aero: ${report.accepted}`,
    `sent twice: ${report.sentTwice}`,
    `lost in silence: ${report.lost}`,
    `unknown: ${report.unknown}, answer withheld: ${report.withheld} (${report.unheard} by the deadline or a closing connection alone)`,
    `unknown to a repeat that waited up to its deadline for another: ${report.outwaited}`,
    `requests past a guard that could not be asked: ${report.guardSkipped}`,
    `violations: ${report.violations.length}`,
  ];
}
