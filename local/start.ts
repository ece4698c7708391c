import { PLATFORMS } from '../lib/platforms/index.ts';
import { logto } from '../lib/platforms/logto.ts';
import type { Platform } from '../lib/platforms/platform.ts';
import type { Envelope } from './event-bus.ts';
import { COMMANDS, type LocalStack, startLocalStack, TOPIC_ARN } from './stack.ts';

const port = portFrom('PORT', 3000);
const inboxPort = portFrom('INBOX_PORT', 3001);
const cognitoPort = portFrom('COGNITO_PORT', 3002);
const queuePort = portFrom('QUEUE_PORT', 3003);

/** Lines before the stack is ready are shown only if it fails; afterwards each is the functions' log. */
let ready = false;
let stack: LocalStack | undefined;
let stopping = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void stop(0));
}

console.log('Starting SMS Aero, Parameter Store and the API on this machine ...');
try {
  const onLine = (line: string) => ready && console.log(line);
  const onEvent = (event: Envelope) =>
    onLine(`Event ${event['detail-type']} ${JSON.stringify(event.detail)}`);
  stack = await startLocalStack({ port, inboxPort, cognitoPort, queuePort, onLine, onEvent });
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  const hint =
    code === 'EADDRINUSE'
      ? 'Choose others: PORT=4000 INBOX_PORT=4001 COGNITO_PORT=4002 QUEUE_PORT=4003 npm start'
      : '';
  console.error(`\n${message}. ${hint}`.trimEnd());
  process.exit(1);
}
if (stopping) {
  await stack.close();
  process.exit(0);
}
ready = true;
console.log(welcome(stack));
void stack.api.ended.then((printed) => {
  if (!stopping) {
    console.error(`The API ended.\n${printed}`);
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

function portFrom(name: string, fallback: number): number {
  const text = process.env[name];
  const value = text ? Number(text) : fallback;
  if (!Number.isInteger(value) || value < 1 || value > 65_535) {
    console.error(`${name} must be a port number between 1 and 65535`);
    process.exit(1);
  }
  return value;
}

function welcome({ api, page, userPool, queues }: LocalStack): string {
  const where = inboxPort === 3001 ? '' : `INBOX_PORT=${inboxPort} `;
  const secretOf = ({ contract }: Platform) => contract().secret.local;
  const others = PLATFORMS.filter(({ name }) => name !== logto.name).map(
    (platform) => `  /sms/${platform.name.padEnd(12)}${secretOf(platform)}\n`,
  );
  return `
  Hook for Logto   ${api.url}/sms/logto   (Authorization: ${secretOf(logto)})
  Phone            ${page.url}   (for tests: ${page.url}/api/messages, see docs/local-development.md)
  Cognito          ${userPool.url}   (aws cognito-idp --endpoint-url ${userPool.url}, see docs/platforms/cognito.md)
  Command queue    ${queues.queueUrl(COMMANDS)}   (see docs/platforms/queue.md)

The other platforms are on as well, with these secrets; \`npm run smsaero -- request PLATFORM\` prints a valid request:

${others.join('')}
Send a code:

  curl -i ${api.url}/sms/logto \\
    -H 'Authorization: ${secretOf(logto)}' -H 'Content-Type: application/json' \\
    -d '{"to":"79031234567","type":"SignIn","payload":{"code":"482913"}}'

Or publish a command to a topic of SNS, which puts it into the queue:

  curl ${queues.url} \\
    --data-urlencode Action=Publish --data-urlencode TopicArn=${TOPIC_ARN} \\
    --data-urlencode 'Message={"specversion":"1.0","id":"1","source":"/try","type":"sms.send.v1","time":"'"$(date -u +%FT%TZ)"'","data":{"to":"79031234568","type":"SignIn","payload":{"code":"135790"}}}'

Or look at it with the command line: --local makes every command of docs/cli.md use this stack.

  ${where}npm run smsaero -- doctor --local

Nothing leaves this machine. Ctrl-C stops everything. The functions' log and the events follow.
`;
}
