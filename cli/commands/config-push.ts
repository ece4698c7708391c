import type { Connector } from '../../lib/config/configuration.ts';
import { parametersOf, type WrittenParameter } from '../../lib/config/serialize.ts';
import { StageParameters } from '../aws/stage-parameters.ts';
import { checkConnector } from '../check/check-connector.ts';
import { printProblems, sum } from '../check/report.ts';
import { AWS_HELP, AWS_OPTIONS, defineCommand, EXIT, RUN, UsageError } from '../command.ts';
import { readConnectorFile } from '../connector-file.ts';
import { columns, count } from '../format.ts';
import { diffTemplates } from '../template-diff.ts';
import type { Terminal } from '../terminal.ts';

/** `config push`: checks a connector's JSON, shows what changes, asks, and writes it. */
export const configPush = defineCommand({
  help: `Usage: ${RUN} config push connector.json [--stage dev] [--yes]

Checks the JSON of Logto's SMS Aero connector, shows what changes at the stage, asks, and writes the
parameters below /smsaero/{stage}. The functions take them within five minutes; no deployment is needed.
A file without apiKey leaves the key that is there.

  --yes                   do not ask: for scripts
${AWS_HELP}`,
  options: { ...AWS_OPTIONS, yes: { type: 'boolean', default: false } },
  positionals: [{ name: 'connector.json' }],
  async run({ stage, yes }, [file = ''], terminal) {
    const json = await readConnectorFile(file);
    const parameters = new StageParameters(stage);
    const kept = 'apiKey' in json ? {} : { apiKey: await parameters.get('apiKey') };
    const { connector, problems } = checkConnector({ ...json, ...kept });
    printProblems(problems, terminal);
    if (!connector) {
      terminal.print(`${file}: ${sum(problems)}; nothing was written`);
      return EXIT.failed;
    }
    const changes = await compare(connector, parameters);
    printChanges(changes, connector, parameters.path, terminal);
    const toWrite = changes.filter(({ current, wanted }) => current !== wanted.value);
    if (toWrite.length === 0) {
      terminal.print('Nothing to write.');
      return EXIT.done;
    }
    if (!yes && !(await agreed(toWrite.length, parameters.path, terminal))) {
      terminal.print('Nothing was written.');
      return EXIT.failed;
    }
    for (const { wanted } of toWrite) await parameters.put(wanted);
    terminal.print(`${count(toWrite.length, 'parameter')} written.`);
    return EXIT.done;
  },
});

interface Change {
  readonly wanted: WrittenParameter;
  readonly current: string | undefined;
}

async function compare(connector: Connector, parameters: StageParameters): Promise<Change[]> {
  const changes: Change[] = [];
  for (const wanted of parametersOf(connector)) {
    changes.push({ wanted, current: await parameters.get(wanted.name) });
  }
  return changes;
}

function printChanges(
  changes: readonly Change[],
  connector: Connector,
  path: string,
  terminal: Terminal,
): void {
  const rows = changes.map(({ wanted, current }) => [
    `${path}/${wanted.name}`,
    wanted.type,
    current === undefined ? 'new' : current === wanted.value ? 'unchanged' : 'changed',
  ]);
  for (const line of columns(rows)) terminal.print(line);
  const stored = changes.find(({ wanted }) => wanted.name === 'templates')?.current;
  for (const { kind, text } of diffTemplates(stored, connector.templates)) {
    if (kind === 'head') terminal.print(`  ${text}`);
    else if (kind === 'removed') terminal.print(terminal.style('red', `    - ${text}`));
    else terminal.print(terminal.style('green', `    + ${text}`));
  }
}

async function agreed(number: number, path: string, terminal: Terminal): Promise<boolean> {
  if (!terminal.interactive) {
    throw new UsageError('Nothing was written: there is no terminal to ask on, so say --yes');
  }
  return terminal.confirm(`Write ${count(number, 'parameter')} below ${path}?`);
}
