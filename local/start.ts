import { spawnSync } from 'node:child_process';
import { problemLines, sumOf } from '../cli/check/check-connector.ts';
import { type Style, styled } from '../cli/terminal.ts';
import type { Connector } from '../lib/config/configuration.ts';
import { PLATFORMS } from '../lib/platforms/index.ts';
import { localSecretOf } from '../lib/platforms/local-secret.ts';
import { logto } from '../lib/platforms/logto.ts';
import type { Envelope } from './event-bus.ts';
import { describeProblem, describeRequest } from './messages.ts';
import { readConnector, readSettings, type Settings, USAGE } from './settings.ts';
import { COMMANDS, type LocalStack, startLocalStack, TOPIC_ARN } from './stack.ts';

const style = (name: Style, text: string) => styled(name, text, process.stdout);

/** What to do about an error of the system at start, by its code. */
const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'npm start may be running in another terminal. Choose others: PORT=4000 INBOX_PORT=4001 COGNITO_PORT=4002 QUEUE_PORT=4003 npm start',
  EADDRNOTAVAIL: 'HOST must be an address of this machine',
  ENOTFOUND: 'HOST must be an address of this machine',
};

/** Lines before the stack is ready are shown only if it fails. */
let ready = false;
let stack: LocalStack | undefined;
let stopping = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void stop(0));
}

try {
  const settings = readSettings(process.argv.slice(2), process.env);
  if (settings.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const connector = settings.configFile === undefined ? undefined : await load(settings.configFile);
  console.log('Starting SMS Aero, Parameter Store and the API on this machine ...');
  stack = await startLocalStack({ ...settings, connector, ...output(settings) });
  if (stopping) {
    await stack.close();
    process.exit(0);
  }
  ready = true;
  const greeting = welcome(stack, settings);
  console.log(greeting);
  onEnter(() => console.log(greeting));
} catch (error) {
  const { message, code = '' } = error as NodeJS.ErrnoException;
  console.error(`\n${message}${HINTS[code] ? `. ${HINTS[code]}` : ''}`);
  process.exit(1);
}
void stack.api.ended.then((why) => {
  if (!stopping) {
    console.error(why);
    void stop(1);
  }
});

async function stop(exitCode: number): Promise<void> {
  if (stopping) {
    return;
  }
  stopping = true;
  await stack?.close();
  if (stack) {
    process.exit(exitCode);
  }
}

/** Reads a connector.json, and prints what is wrong with it. @throws Error if it cannot be used */
async function load(file: string): Promise<Connector> {
  // npm runs this in the project's folder, and the path is one of where npm was called.
  const { connector, problems } = await readConnector(file, process.env['INIT_CWD'] ?? '.');
  for (const line of problemLines(problems, style)) console.log(line);
  if (!connector) throw new Error(`${file}: ${sumOf(problems)}`);
  return connector;
}

/** What the stack prints once it is ready: one line a request, and everything that it logs with --verbose. */
function output({ verbose }: Settings) {
  const print = (line: string | undefined) => {
    if (ready && line !== undefined) console.log(line);
  };
  return {
    onRequest: (request) => print(describeRequest(request, style)),
    onProblem: (message) => print(style('red', message)),
    onLine: (line) => print(verbose ? line : describeProblem(line, style)),
    onEvent: (event: Envelope) =>
      verbose && print(`Event ${event['detail-type']} ${JSON.stringify(event.detail)}`),
  } satisfies Partial<Parameters<typeof startLocalStack>[0]>;
}

/** Calls back for each line that somebody types. A shell would stop a process in the background that reads its terminal. */
function onEnter(call: () => void): void {
  const ofThis = ['-o', 'stat=', '-p', String(process.pid)];
  const { status, stdout } = spawnSync('ps', ofThis, { encoding: 'utf8' });
  const isInForeground = status !== 0 || stdout.includes('+');
  if (process.stdin.isTTY && !isInForeground) return;
  process.stdin.on('data', call).on('error', () => {}); // the terminal may go away: nobody types then
}

function welcome({ api, page, cognitoUrl, queues }: LocalStack, { host, port, inboxPort }: Settings): string {
  const where = inboxPort === 3001 ? '' : `INBOX_PORT=${inboxPort} `;
  const there = port === 3000 ? '' : ` --url ${api.url}`;
  const elsewhere =
    host === undefined ? '' : `  From elsewhere   port ${port} of ${host}, see docs/local-development.md\n`;
  const others = PLATFORMS.filter(({ name }) => name !== logto.name).map(
    (platform) => `  /sms/${platform.name.padEnd(12)}${localSecretOf(platform)}\n`,
  );
  return `
  Hook for Logto   ${api.url}/sms/logto   (Authorization: ${localSecretOf(logto)})
${elsewhere}  Phone            ${page.url}   (for tests: ${page.url}/api/messages, see docs/local-development.md)
  Cognito          ${cognitoUrl}   (aws cognito-idp --endpoint-url ${cognitoUrl}, see docs/platforms/cognito.md)
  Command queue    ${queues.queueUrl(COMMANDS)}   (see docs/platforms/queue.md)

The other platforms are on as well, with these secrets; \`npm run smsaero -- request PLATFORM${there}\` prints a valid request:

${others.join('')}
Send a code:

  curl -i ${api.url}/sms/logto \\
    -H 'Authorization: ${localSecretOf(logto)}' -H 'Content-Type: application/json' \\
    -d '{"to":"79031234567","type":"SignIn","payload":{"code":"482913"}}'

Or publish a command to a topic of SNS, which puts it into the queue:

  curl ${queues.url} \\
    --data-urlencode Action=Publish --data-urlencode TopicArn=${TOPIC_ARN} \\
    --data-urlencode 'Message={"specversion":"1.0","id":"1","source":"/try","type":"sms.send.v1","time":"'"$(date -u +%FT%TZ)"'","data":{"to":"79031234568","type":"SignIn","payload":{"code":"135790"}}}'

Or look at it with the command line: --local makes every command of docs/cli.md use this stack.

  ${where}npm run smsaero -- doctor --local

Nothing leaves this machine. Ctrl-C stops everything, Enter prints this again. From here on each request is one line;
\`npm start -- --verbose\` adds the functions' log and the events.
`;
}
