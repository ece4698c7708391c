import type { Connector } from '../../lib/config/configuration.ts';
import { asObject, parseJson } from '../../lib/json.ts';
import { StageParameters } from '../aws/stage-parameters.ts';
import { confirmTarget, type Target } from '../aws/target.ts';
import { type Checked, checkConnector, checkFile, problemLines, sumOf } from '../check/check-connector.ts';
import type { Problem } from '../check/check-template.ts';
import { readConnectorFile } from '../connector-file.ts';
import { count, shown } from '../format.ts';
import { type Change, compare, HASH_KEY, writeAll } from '../push/changes.ts';
import { noConfiguration } from '../stage-configuration.ts';
import { LOCAL_STAGE } from '../stage-options.ts';
import { diffTemplates, isList, parseTemplates } from '../template-diff.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT, type StageOptions, type WriteOptions } from '../usage.ts';

/** The parameter that Logto's JSON does not have. */
const SENDER_NAMES = 'senderNames';

/** Roubles for a code in Telegram (smsaero_python, `send_telegram`), and for a segment of an SMS (SMS Aero's `tariffs`: by operator). */
const PRICES = { telegram: 1, segment: { from: 4, to: 9 } };

/** `config check`: what is wrong with a connector's JSON, and what its texts cost. Needs neither AWS nor SMS Aero. */
export async function configCheck(_options: object, terminal: Terminal, file: string): Promise<number> {
  const { problems, templates, connector } = checkFile(await readConnectorFile(file));
  printTemplates(templates, terminal);
  printPrices(templates, terminal);
  printProblems(problems, terminal);
  terminal.print(`${file}: ${sumOf(problems)}`);
  const costs = templates.map(({ usageType, locale, channel, cost, open }) => {
    const { encoding, segments, used, room } = cost;
    return { usageType, locale, channel, encoding, segments, used, room, open };
  });
  terminal.result({ ok: connector !== undefined, problems, templates: costs });
  return connector ? EXIT.done : EXIT.failed;
}

/** `config pull`: the connector's JSON of a stage, without the API key. */
export async function configPull({ stage }: StageOptions, terminal: Terminal): Promise<number> {
  const parameters = new StageParameters(stage);
  const names = ['email', 'senderName', SENDER_NAMES, 'templates'] as const;
  const [email, senderName, stored, templates] = await Promise.all(names.map((name) => parameters.get(name)));
  if (email === undefined && senderName === undefined && templates === undefined) {
    throw noConfiguration(stage, parameters.path);
  }
  if (templates !== undefined && !isList(templates)) {
    throw new Error(`${parameters.path}/templates is not a JSON array: push a whole file`);
  }
  const senderNames = stored === undefined ? undefined : asObject(parseJson(stored));
  if (stored !== undefined && !senderNames) {
    throw new Error(
      `${parameters.path}/${SENDER_NAMES} is not a JSON object: push a file that has them, or {}`,
    );
  }
  terminal.json = true;
  terminal.result({ email, senderName, senderNames, templates: parseTemplates(templates) });
  return EXIT.done;
}

/** `config push`: checks a connector's JSON, shows what changes, asks, and writes it. */
export async function configPush(
  { stage, yes, keyAlias }: WriteOptions,
  terminal: Terminal,
  file: string,
): Promise<number> {
  const json = await readConnectorFile(file);
  const parameters = new StageParameters(stage, keyAlias);
  const kept = 'apiKey' in json ? {} : { apiKey: await parameters.get('apiKey') };
  // The account of the local stack is that of a sample.
  const check = stage === LOCAL_STAGE ? checkConnector : checkFile;
  const { connector, problems } = check({ ...json, ...kept });
  printProblems(problems, terminal);
  const tell = (changed: readonly Change[], target?: Target) => {
    const list = changed.map(({ wanted, state }) => ({ name: wanted.name, type: wanted.type, state }));
    terminal.result({ stage, ...target, written: target !== undefined, changes: list, problems });
  };
  if (!connector) {
    terminal.print(`${file}: ${sumOf(problems)}; nothing was written`);
    tell([]);
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
    tell(changes);
    return EXIT.done;
  }
  const question = `Write ${count(toWrite.length, 'parameter')} below ${parameters.path}?`;
  const target = await confirmTarget(question, 'Nothing was written', { stage, yes }, terminal);
  if (!target) return EXIT.failed;
  await writeAll(toWrite, parameters);
  terminal.print(`${count(toWrite.length, 'parameter')} written.`);
  tell(changes, target);
  return EXIT.done;
}

function printChanges(
  changes: readonly Change[],
  connector: Connector,
  path: string,
  terminal: Terminal,
): void {
  terminal.table(changes.map(({ wanted, state }) => [`${path}/${wanted.name}`, wanted.type, state]));
  const changeOf = (name: string) => changes.find(({ wanted }) => wanted.name === name);
  const stored = changeOf('templates')?.current;
  for (const { name, removed, added } of diffTemplates(stored, connector.templates)) {
    terminal.print(`  ${name}`);
    for (const line of removed) terminal.print(terminal.style('red', `    - ${line}`));
    for (const line of added) terminal.print(terminal.style('green', `    + ${line}`));
  }
  const hashKey = changeOf(HASH_KEY)?.state;
  if (hashKey === 'new' || hashKey === 'changed') {
    const isRunning = changeOf('apiKey')?.current !== undefined;
    terminal.print(
      `A random hashKey is made, ${hashKey === 'new' ? 'only this once' : 'because the functions refuse the stored one'}.${isRunning ? ' Repeats and reports of messages that were sent before are not recognised.' : ''}`,
    );
  }
}

function printTemplates(templates: Checked['templates'], terminal: Terminal): void {
  if (templates.length === 0) return;
  const rows = templates.map(({ usageType, locale = '-', cost, open }) => [
    shown(usageType),
    shown(locale),
    cost.encoding,
    `${cost.segments}${open ? '+' : ''}`,
    `${cost.used} of ${cost.room}${open ? ' and more' : ''}`,
    cost.culprits && `UCS-2 for ${cost.culprits}`,
  ]);
  terminal.table(rows, ['usage type', 'locale', 'encoding', 'segments', 'characters', '']);
  if (templates.some(({ open }) => open)) {
    terminal.print('+ and more: placeholders other than {{code}} make it longer.');
  }
  terminal.print('');
}

function printPrices(templates: Checked['templates'], terminal: Terminal): void {
  const byTelegram = templates.filter(({ channel }) => channel === 'telegram');
  if (byTelegram.length === 0) return;
  const { telegram, segment } = PRICES;
  const rows = byTelegram.map(({ usageType, locale = '-', cost: { segments }, open }) => {
    const range = (more: number) =>
      `${segment.from * segments + more} to ${segment.to * segments + more}${open ? '+' : ''} RUB`;
    return [shown(usageType), shown(locale), `${telegram} RUB`, range(telegram), range(0)];
  });
  terminal.table(rows, ['usage type', 'locale', 'in Telegram', 'if an SMS follows', 'by SMS']);
  terminal.print('Prices in Russia, by operator; a code that begins with 0 goes by SMS.');
  terminal.print('');
}

function printProblems(problems: readonly Problem[], terminal: Terminal): void {
  for (const line of problemLines(problems, (style, text) => terminal.style(style, text)))
    terminal.print(line);
}
