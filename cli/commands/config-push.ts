import type { Connector } from '../../lib/config/configuration.ts';
import { StageParameters } from '../aws/stage-parameters.ts';
import { checkConnector } from '../check/check-connector.ts';
import { printProblems, sum } from '../check/report.ts';
import { readConnectorFile } from '../connector-file.ts';
import { columns, count } from '../format.ts';
import { type Change, compare, HASH_KEY, writeAll } from '../push/changes.ts';
import { diffTemplates } from '../template-diff.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT, type KeyOptions } from '../usage.ts';

/** The parameter that Logto's JSON does not have. */
const SENDER_NAMES = 'senderNames';

/** The options of `config push`. */
interface PushOptions extends KeyOptions {
  readonly yes?: boolean;
}

/** `config push`: checks a connector's JSON, shows what changes, asks, and writes it. */
export async function configPush(
  { stage, yes, keyAlias }: PushOptions,
  terminal: Terminal,
  file: string,
): Promise<number> {
  const json = await readConnectorFile(file);
  const parameters = new StageParameters(stage, keyAlias);
  const kept = 'apiKey' in json ? {} : { apiKey: await parameters.get('apiKey') };
  const { connector, problems } = checkConnector({ ...json, ...kept });
  printProblems(problems, terminal);
  if (!connector) {
    terminal.print(`${file}: ${sum(problems)}; nothing was written`);
    return EXIT.failed;
  }
  const changes = await compare(connector, parameters);
  printChanges(changes, connector, parameters.path, terminal);
  if (connector.senderNames === undefined && (await parameters.get(SENDER_NAMES)) !== undefined) {
    terminal.print(
      `${SENDER_NAMES} stay as they are: the file has none. To remove them: "${SENDER_NAMES}": {}`,
    );
  }
  const toWrite = changes.filter(({ state }) => state !== 'unchanged');
  if (toWrite.length === 0) {
    terminal.print('Nothing to write.');
    return EXIT.done;
  }
  const question = `Write ${count(toWrite.length, 'parameter')} below ${parameters.path}?`;
  if (!yes && !(await terminal.confirm(question, 'Nothing was written'))) {
    terminal.print('Nothing was written.');
    return EXIT.failed;
  }
  await writeAll(toWrite, parameters);
  terminal.print(`${count(toWrite.length, 'parameter')} written.`);
  return EXIT.done;
}

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
