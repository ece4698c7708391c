import type { Configuration } from '../../lib/config/configuration.ts';
import { AWS_HELP, AWS_OPTIONS, defineCommand, EXIT, RUN, UsageError } from '../command.ts';
import { examineAddresses } from '../doctor/addresses.ts';
import { examineConfiguration } from '../doctor/configuration.ts';
import { type Finding, findingsOf } from '../doctor/finding.ts';
import { examineFromLambda, examineFunctions } from '../doctor/functions.ts';
import { examineGateway } from '../doctor/gateway.ts';
import { examineReports } from '../doctor/reports.ts';
import { examineTable } from '../doctor/table.ts';
import { explain } from '../explain.ts';
import { count } from '../format.ts';
import { stageEnvironment } from '../stage-environment.ts';
import type { Terminal } from '../terminal.ts';

/** `doctor`: a stage from end to end, as a list of what works and what does not. */
export const doctor = defineCommand({
  help: `Usage: ${RUN} doctor [--stage dev] [--json]

Checks a stage from end to end and says what to do: AWS credentials, parameters, templates, callers'
secrets; every gate of SMS Aero from here, balance, sender name; the table, and whether client addresses
could be counted; the functions; the URL for reports; and, by invoking account-monitor, the gates from
Lambda. It sends nothing and changes nothing.

  --low-balance 500       warn below this balance, in roubles
  --report-url https://…  where SMS Aero reports to, if not as the functions are deployed
  --json                  for scripts: {"stage", "ok", "findings": [{"check", "status", "detail", "todo"}]}
${AWS_HELP}

Exit code: 1 if a check failed; warnings alone give 0.`,
  options: {
    ...AWS_OPTIONS,
    json: { type: 'boolean', default: false },
    'low-balance': { type: 'string', default: '500' },
    'report-url': { type: 'string' },
  },
  async run({ stage, json, ...rest }, _positionals, terminal) {
    const lowBalance = Number(rest['low-balance']);
    if (!(lowBalance >= 0)) throw new UsageError('--low-balance must be a sum in roubles');
    const reportUrl = rest['report-url'];
    if (reportUrl !== undefined && !URL.canParse(reportUrl)) throw new UsageError('--report-url is no URL');
    const findings: Finding[] = [];
    for await (const some of examine(stage, lowBalance, reportUrl, json ? undefined : terminal)) {
      findings.push(...some);
      if (!json) for (const finding of some) printFinding(finding, terminal);
    }
    const failed = findings.filter(({ status }) => status === 'fail').length;
    const warned = findings.filter(({ status }) => status === 'warn').length;
    terminal.live(undefined);
    terminal.print(
      json
        ? JSON.stringify({ stage, ok: failed === 0, findings }, undefined, 2)
        : `\n${stage}: ${count(failed, 'failure')}, ${count(warned, 'warning')}`,
    );
    return failed === 0 ? EXIT.done : EXIT.failed;
  },
});

async function* examine(
  stage: string,
  lowBalance: number,
  reportUrl: string | undefined,
  terminal: Terminal | undefined,
): AsyncGenerator<readonly Finding[]> {
  terminal?.live('configuration');
  const { findings, configuration, signedIn } = await examineConfiguration(stage);
  yield findings;
  terminal?.live('functions');
  const deployed = signedIn ? await examineFunctions(stage) : undefined;
  yield deployed ? [deployed.finding] : [findingsOf('functions, table').skip('without AWS credentials')];
  terminal?.live('SMS Aero');
  yield configuration
    ? await examineFromHere(stage, configuration, deployed?.environment, lowBalance)
    : [findingsOf('SMS Aero').skip('without a configuration there is nothing to ask with')];
  terminal?.live('table');
  if (signedIn) yield [...(await examineTable(stage)), ...(await examineAddresses(stage))];
  terminal?.live('reports');
  const url = reportUrl ?? deployed?.environment?.['SMSAERO_REPORT_URL'];
  yield deployed?.environment || reportUrl !== undefined
    ? [await examineReports(url)]
    : [findingsOf('reports').skip('their URL is not known: say --report-url')];
  terminal?.live('account-monitor');
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
      findingsOf('SMS Aero').fail(explain(error), 'mend SMSAERO_GATES and SMSAERO_COUNTRIES of this shell'),
    ];
  }
  return examineGateway(configuration, gates, lowBalance);
}

const COLOURS = { pass: 'green', warn: 'yellow', fail: 'red', skip: 'gray' } as const;

function printFinding({ check, status, detail, todo }: Finding, terminal: Terminal): void {
  terminal.print(`${terminal.style(COLOURS[status], status)}  ${check}: ${detail}`);
  if (todo !== undefined) terminal.print(`      to do: ${todo}`);
}
