import type { Connector } from '../../lib/config/configuration.ts';
import { StageParameters } from '../aws/stage-parameters.ts';
import { checkConnector } from '../check/check-connector.ts';
import { printProblems, sum } from '../check/report.ts';
import { AWS_HELP, AWS_OPTIONS, defineCommand, EXIT, RUN, UsageError } from '../command.ts';
import { readConnectorFile } from '../connector-file.ts';
import { columns, count } from '../format.ts';
import { KEY_HELP, KEY_OPTION, keyAliasOf } from '../key-option.ts';
import { type Change, compare, HASH_KEY, writeAll } from '../push/changes.ts';
import { diffTemplates } from '../template-diff.ts';
import type { Terminal } from '../terminal.ts';

/** `config push`: checks a connector's JSON, shows what changes, asks, and writes it. */
export const configPush = defineCommand({
  help: `Usage: ${RUN} config push connector.json [--stage dev] [--yes]

Checks the JSON of Logto's SMS Aero connector, shows what changes at the stage, asks, and writes the
parameters below /smsaero/{stage}. The functions take them within five minutes; no deployment is needed.
A file without apiKey leaves the key that is there. What is secret keeps the KMS key that encrypts it.
The first push makes hashKey, at random: it keys what the guard and report URLs know of sent messages,
so that they outlive a new API key. It is kept, and never shown.

${KEY_HELP}
  --yes                   do not ask: for scripts
${AWS_HELP}`,
  options: { ...AWS_OPTIONS, ...KEY_OPTION, yes: { type: 'boolean', default: false } },
  positionals: [{ name: 'connector.json' }],
  async run({ stage, yes, ...rest }, [file = ''], terminal) {
    const json = await readConnectorFile(file);
    const parameters = new StageParameters(stage, keyAliasOf(rest));
    const kept = 'apiKey' in json ? {} : { apiKey: await parameters.get('apiKey') };
    const { connector, problems } = checkConnector({ ...json, ...kept });
    printProblems(problems, terminal);
    if (!connector) {
      terminal.print(`${file}: ${sum(problems)}; nothing was written`);
      return EXIT.failed;
    }
    const changes = await compare(connector, parameters);
    printChanges(changes, connector, parameters.path, terminal);
    const toWrite = changes.filter(({ state }) => state !== 'unchanged');
    if (toWrite.length === 0) {
      terminal.print('Nothing to write.');
      return EXIT.done;
    }
    if (!yes && !(await agreed(toWrite.length, parameters.path, terminal))) {
      terminal.print('Nothing was written.');
      return EXIT.failed;
    }
    await writeAll(toWrite, parameters);
    terminal.print(`${count(toWrite.length, 'parameter')} written.`);
    return EXIT.done;
  },
});

function printChanges(
  changes: readonly Change[],
  connector: Connector,
  path: string,
  terminal: Terminal,
): void {
  const rows = changes.map(({ wanted, state }) => [`${path}/${wanted.name}`, wanted.type, state]);
  for (const line of columns(rows)) terminal.print(line);
  const changeOf = (name: string) => changes.find(({ wanted }) => wanted.name === name);
  const stored = changeOf('templates')?.current;
  for (const { kind, text } of diffTemplates(stored, connector.templates)) {
    if (kind === 'head') terminal.print(`  ${text}`);
    else if (kind === 'removed') terminal.print(terminal.style('red', `    - ${text}`));
    else terminal.print(terminal.style('green', `    + ${text}`));
  }
  const hashKey = changeOf(HASH_KEY)?.state;
  if (hashKey === 'new' || hashKey === 'changed') {
    const isRunning = changeOf('apiKey')?.current !== undefined;
    terminal.print(
      `hashKey is made at random, ${hashKey === 'new' ? 'this once' : 'since the functions refuse the one that is there'}.${isRunning ? ' Repeats and reports of messages that were sent before are not recognised.' : ''}`,
    );
  }
}

async function agreed(number: number, path: string, terminal: Terminal): Promise<boolean> {
  if (!terminal.interactive) {
    throw new UsageError('Nothing was written: there is no terminal to ask on, so say --yes');
  }
  return terminal.confirm(`Write ${count(number, 'parameter')} below ${path}?`);
}
