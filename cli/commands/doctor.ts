import type { Configuration } from '../../lib/config/configuration.ts';
import { examineConfiguration } from '../doctor/configuration.ts';
import { examineGateway } from '../doctor/diagnosis.ts';
import { type Finding, findingsOf } from '../doctor/finding.ts';
import { examineFromLambda, examineFunctions, examineReports } from '../doctor/functions.ts';
import { examineAddresses, examineTable } from '../doctor/table.ts';
import { explain } from '../explain.ts';
import { count } from '../format.ts';
import { stageEnvironment } from '../stage-configuration.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT, type StageOptions } from '../usage.ts';

interface DoctorOptions extends StageOptions {
  /** Roubles. */
  readonly lowBalance: number;
  readonly reportUrl?: string;
}

/** `doctor`: a stage from end to end, as a list of what works and what does not. */
export async function doctor(
  { stage, lowBalance, reportUrl = process.env['SMSAERO_REPORT_URL'] }: DoctorOptions,
  terminal: Terminal,
): Promise<number> {
  const findings: Finding[] = [];
  for await (const some of examine(stage, lowBalance, reportUrl, terminal)) {
    findings.push(...some);
    for (const finding of some) printFinding(finding, terminal);
  }
  const failed = findings.filter(({ status }) => status === 'fail').length;
  const warned = findings.filter(({ status }) => status === 'warn').length;
  terminal.live(undefined);
  terminal.print(`\n${stage}: ${count(failed, 'failure')}, ${count(warned, 'warning')}`);
  terminal.result({ stage, ok: failed === 0, findings });
  return failed === 0 ? EXIT.done : EXIT.failed;
}

async function* examine(
  stage: string,
  lowBalance: number,
  reportUrl: string | undefined,
  terminal: Terminal,
): AsyncGenerator<readonly Finding[]> {
  terminal.live('configuration');
  const { findings, configuration, signedIn } = await examineConfiguration(stage);
  yield findings;
  terminal.live('functions');
  const deployed = signedIn ? await examineFunctions(stage) : undefined;
  yield deployed ? [deployed.finding] : [findingsOf('functions, table').skip('without AWS credentials')];
  terminal.live('SMS Aero');
  yield configuration
    ? await examineFromHere(stage, configuration, deployed?.environment, lowBalance)
    : [findingsOf('SMS Aero').skip('there is no configuration to ask with')];
  terminal.live('table');
  if (signedIn) yield [...(await examineTable(stage)), ...(await examineAddresses(stage))];
  terminal.live('reports');
  const url = reportUrl ?? deployed?.environment?.['SMSAERO_REPORT_URL'];
  yield deployed?.environment || reportUrl !== undefined
    ? [await examineReports(url)]
    : [findingsOf('reports').skip('their URL is not known: give it with --report-url')];
  terminal.live('account-monitor');
  if (signedIn) yield await examineFromLambda(stage, lowBalance);
}

/** A wrong variable is a finding as any other: who reads the JSON gets JSON. */
async function examineFromHere(
  stage: string,
  configuration: Configuration,
  deployed: Readonly<Record<string, string>> | undefined,
  lowBalance: number,
): Promise<readonly Finding[]> {
  let gates: readonly string[];
  try {
    ({ gates } = stageEnvironment(stage, deployed));
  } catch (error) {
    return [
      findingsOf('SMS Aero').fail(
        explain(error),
        'correct SMSAERO_GATES, SMSAERO_COUNTRIES and SMSAERO_LIMIT_RANGE_HOUR of this shell',
      ),
    ];
  }
  return examineGateway(configuration, gates, lowBalance);
}

const COLOURS = { pass: 'green', warn: 'yellow', fail: 'red', skip: 'gray' } as const;

function printFinding({ check, status, detail, todo }: Finding, terminal: Terminal): void {
  terminal.print(`${terminal.style(COLOURS[status], status)}  ${check}: ${detail}`);
  if (todo !== undefined) terminal.print(`      to do: ${todo}`);
}
