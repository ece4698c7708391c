import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SendMessageCommand, type SendMessageCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { type CommandLine, openCommandLine } from '../support/cli.ts';
import { codeBlocksOf, readPages, wordsOfCommand } from '../support/pages.ts';
import { freePorts, type Ports } from '../support/ports.ts';
import { CONNECTOR } from '../support/stack.ts';

const pages = await readPages();
const blocks = pages.flatMap(codeBlocksOf);

/** A command of a page. */
interface PageCommand {
  readonly at: string;
  readonly script: string;
}

/** Matches in blocks of the shell, continued lines included. */
const inBlocks = (pattern: RegExp): PageCommand[] =>
  blocks
    .filter(({ language }) => language === 'sh' || language === '')
    .flatMap(({ at, code }) => Array.from(code.matchAll(pattern), ([script]) => ({ at, script })));

/** All but those that leave something out. */
const requests = inBlocks(/^curl (?:[^\n]*\\\n)*[^\n]*/gm).filter(
  ({ script }) => script.includes('http://127.0.0.1:') && !script.includes('…'),
);
/** With the stack, or without AWS at all. */
const commands = inBlocks(/(?<=^|^\$ )npm run smsaero -- (?!<)(?:[^\n]*\\\n)*[^\n]*/gm).filter(({ script }) =>
  /--local\b|-- (?:config check|request) |--dryrun/.test(script),
);
/** `npm run smsaero -- request okta` in a sentence. */
const requested = pages.flatMap(({ path, text }) =>
  Array.from(text.matchAll(/`npm run smsaero -- (request [a-z-]+)`/g), ([, command = '']) => ({
    at: path,
    command,
  })),
);

let ports: Ports;
let stack: LocalStack;
let cli: CommandLine;
let connector: string;
before(async () => {
  ports = await freePorts();
  const { PORT, INBOX_PORT, COGNITO_PORT, QUEUE_PORT } = ports;
  stack = await startLocalStack({
    port: Number(PORT),
    inboxPort: Number(INBOX_PORT),
    cognitoPort: Number(COGNITO_PORT),
    queuePort: Number(QUEUE_PORT),
    onLine: () => undefined,
    onEvent: () => undefined,
  });
  cli = await openCommandLine({ INBOX_PORT });
  connector = await cli.write('connector.json', CONNECTOR);
});
after(() => Promise.all([stack?.close(), cli?.close()]));

let numbers = 0;
/** Another one for each command: one number gets one message in 30 s. */
const newNumber = () => `7903${1_000_000 + 1_013 * ++numbers}`;

/** A text of a page with the ports of this run, and a number that nobody else has. */
function here(text: string, number: string): string {
  const { PORT, INBOX_PORT, COGNITO_PORT, QUEUE_PORT } = ports;
  const ours = new Map([
    ['3000', PORT],
    ['3001', INBOX_PORT],
    ['3002', COGNITO_PORT],
    ['3003', QUEUE_PORT],
  ]);
  return text
    .replace(/(?<=127\.0\.0\.1:)300[0-3]/g, (port) => ours.get(port) ?? port)
    .replace(/\b79\d{9}\b/g, number);
}

/** Does what curl does with these words. */
async function request(words: readonly string[]): Promise<Response> {
  let url = '';
  let method: string | undefined;
  let body: string | undefined;
  const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded' });
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '-i') continue;
    if (!word.startsWith('-')) url = word;
    else {
      const value = words[++index] ?? '';
      if (word === '-X') method = value;
      else if (word === '-d' || word === '--data-binary') body = value;
      else if (word === '-H') headers.set(...(value.split(/:\s*(.*)/s).slice(0, 2) as [string, string]));
      else assert.fail(`curl ${word} is not known here`);
    }
  }
  return fetch(url, { method: method ?? (body === undefined ? 'GET' : 'POST'), headers, body: body ?? null });
}

/** Runs a `curl`, which has to succeed; a message that it asks for has to arrive. */
async function succeed(script: string, number: string): Promise<void> {
  const [[, ...words] = []] = await wordsOfCommand(script, 'curl');
  const response = await request(words);
  assert.ok(response.ok, `${response.status} ${await response.text()}`);
  const page = `http://127.0.0.1:${ports.INBOX_PORT}`;
  if (/\/sms\//.test(script)) {
    const latest = await fetch(`${page}/api/messages/latest?to=${number}&wait=10`);
    assert.equal(latest.status, 200, await latest.text());
  }
  if (/\/api\/(?:faults|switches)/.test(script)) await fetch(`${page}/api/faults`, { method: 'DELETE' });
}

describe('requests of the pages to the local stack', () => {
  for (const { at, script } of requests) {
    it(`${at}: ${script.slice(0, 70)}`, async () => {
      const number = newNumber();
      await succeed(here(script, number), number);
    });
  }
});

const inCapitals = (name: string) =>
  name.replace(/^-+/, '').replace(/(?:^|-)(\w)/g, (_, initial: string) => initial.toUpperCase());

/** Does what the AWS CLI does with these words: options become the fields of a call. */
async function callAws(words: readonly string[]): Promise<void> {
  const [service, operation = '', ...options] = words.filter((word) => word !== '--no-sign-request');
  const fields: Record<string, unknown> = {};
  let endpoint = '';
  for (let index = 0; index < options.length; index += 2) {
    const [name = '', value = ''] = options.slice(index, index + 2);
    if (name === '--endpoint-url') endpoint = value;
    else if (name === '--user-attributes') {
      fields['UserAttributes'] = [Object.fromEntries(value.split(',').map((part) => part.split('=')))];
    } else if (name !== '--region') fields[inCapitals(name)] = value;
  }
  if (service === 'sqs' && operation === 'send-message') {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const sqs = new SQSClient({ endpoint, region: 'eu-central-1', credentials });
    await sqs.send(new SendMessageCommand(fields as unknown as SendMessageCommandInput));
    sqs.destroy();
  } else if (service === 'cognito-idp') {
    const headers = { 'x-amz-target': `AWSCognitoIdentityProviderService.${inCapitals(operation)}` };
    const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(fields) });
    assert.ok(response.ok, `${response.status} ${await response.text()}`);
  } else assert.fail(`aws ${service} ${operation} is not known here`);
}

const calling = blocks.filter(({ code }) => /^(?:[\w]+\(\) \{ )?aws .*127\.0\.0\.1/m.test(code));

describe('calls of the AWS CLI in the pages to the local stack', () => {
  for (const { at, code } of calling) {
    it(at, { timeout: 60_000 }, async () => {
      const script = here(code, newNumber());
      for (const [program, ...words] of await wordsOfCommand(script, 'aws', 'npm')) {
        if (program === 'aws') await callAws(words);
      }
    });
  }

  it('leave the dead letter that the page of the queue promises', { timeout: 60_000 }, async () => {
    for (;;) {
      const { exitCode, output, problems } = await cli.run(['dead-letters', 'list', '--local', '--json']);
      assert.equal(exitCode, 0, output + problems);
      const { deadLetters } = JSON.parse(output) as { deadLetters: { reason: string }[] };
      if (deadLetters.length === 0) continue;
      assert.deepEqual(
        deadLetters.map(({ reason }) => reason),
        ['invalid_recipient'],
      );
      return;
    }
  });
});

describe('commands of the pages that need no AWS', () => {
  const all = [
    ...commands,
    ...requested.map(({ at, command }) => ({ at, script: `npm run smsaero -- ${command}` })),
  ];
  const once = new Map(all.map((command) => [command.script, command]));
  for (const { at, script } of once.values()) {
    it(`${at}: ${script}`, async () => {
      const number = newNumber();
      const [[, , , , ...args] = []] = await wordsOfCommand(here(script, number), 'npm');
      const given = args.map((word) => (word === 'connector.json' ? connector : word));
      const isRequest = args[0] === 'request';
      if (isRequest) given.push('--to', number, '--url', stack.api.url);
      const { exitCode, output, problems } = await cli.run(given);
      assert.equal(exitCode, script.includes('--dryrun') ? 2 : 0, output + problems);
      if (isRequest) await succeed(output, number);
    });
  }

  it('fail as the page of the command line shows it', async () => {
    const { code = '' } = blocks.find(({ code }) => code.includes('--dryrun')) ?? {};
    const { problems } = await cli.run(['send', '--to', '79031234567', '--dryrun']);
    assert.deepEqual(problems.trimEnd().split('\n'), code.trimEnd().split('\n').slice(1));
  });

  it('are found, and so are requests and calls of the AWS CLI', () => {
    assert.ok(once.size >= 7 && requests.length >= 5 && calling.length >= 2);
  });
});
