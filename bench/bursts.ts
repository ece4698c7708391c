/**
 * Bursts of equal requests at separate processes, while calls to the table fail: how often a message is sent more than once. The
 * functions run with the time-outs of a deployment; of each new process the first burst is a cold one.
 *
 * --bursts N (300)   --processes N (8)   --throttled SHARE (0.3)   --lost SHARE (0.3): answers lost of the calls that are not throttled
 * --renew N (30): bursts until the processes are replaced by new ones   --seed N
 *
 * Exit status 1 if a burst was sent more than once.
 */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../infra/bundle.ts';
import { fromConnector, startParameterStore } from '../local/parameter-store.ts';
import { createAccount, startGate } from '../local/simulator/index.ts';
import { type RunningFunction, startFunction } from '../tests/support/function.ts';
import { chance } from '../tests/support/random.ts';
import { CONNECTOR, LOGTO_SECRET, postSms } from '../tests/support/stack.ts';
import { startTable } from '../tests/support/table.ts';

const { values } = parseArgs({
  options: {
    bursts: { type: 'string', default: '300' },
    processes: { type: 'string', default: '8' },
    throttled: { type: 'string', default: '0.3' },
    lost: { type: 'string', default: '0.3' },
    renew: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
  },
});
const number = (name: keyof typeof values, least: number): number => {
  const value = Number(values[name]);
  if (!(value >= least)) throw new Error(`--${name} is a number of at least ${least}`);
  return value;
};
const [bursts, processes, renew] = [number('bursts', 1), number('processes', 1), number('renew', 1)];
const [throttled, lost, seed] = [number('throttled', 0), number('lost', 0), number('seed', 0)];

await bundle({ root: resolve(import.meta.dirname, '..') });
process.env['TEST_FUNCTIONS'] = 'dist'; // see tests/support/function.ts
console.log(`bursts: --seed ${seed} replays this run`);
const { email, apiKey } = CONNECTOR;
const account = createAccount({ email, apiKey, progress: 'frozen', balance: 1_000_000 });
const gate = await startGate(account, { name: 'gate' });
const parameters = await startParameterStore({
  parameters: fromConnector('test', CONNECTOR, { logto: LOGTO_SECRET }),
});
const table = await startTable('smsaero-test');
let calls = 0;
table.choose = () => {
  calls += 1;
  if (chance(seed, 'throttled', calls) < throttled) return 'throttle';
  return chance(seed, 'lost', calls) < lost ? 'lost_answer' : undefined;
};
const environment = {
  SMSAERO_CONFIG_PATH: '/smsaero/test',
  SMSAERO_GATES: gate.url,
  SMSAERO_TABLE: 'smsaero-test',
  SMSAERO_LIMIT_TOTAL_HOUR: '1000000', // so that a fifth of it, the limit of one range, is never reached
  AWS_ENDPOINT_URL_SSM: parameters.url,
  AWS_ENDPOINT_URL_DYNAMODB: table.url,
};
let functions: RunningFunction[] = [];
const sent = new Map<number, number>();
const answers = new Map<string, number>();
let skipped = 0;
const stop = async () => {
  const lines = functions.flatMap((each) => each.logs());
  skipped += lines.filter((line) => line['message'] === 'sms' && 'guardSkipped' in line).length;
  await Promise.all(functions.map((each) => each.close()));
};
for (let burst = 0; burst < bursts; burst += 1) {
  if (burst % renew === 0) {
    await stop();
    functions = await Promise.all(
      Array.from({ length: processes }, () => startFunction('sms-hook', environment)),
    );
  }
  // Distinct numbers and addresses: the limits are on, and not reached.
  const to = `790${300_000_000 + burst * 1_009}`.slice(0, 11);
  const message = {
    to,
    payload: { code: String(100_000 + burst) },
    ip: `203.0.${burst % 250}.${1 + (burst % 200)}`,
  };
  const before = account.messages().length;
  const heard = await Promise.all(functions.map((each) => postSms(each.url, 'logto', message)));
  const times = account.messages().length - before;
  sent.set(times, (sent.get(times) ?? 0) + 1);
  for (const { statusCode, body } of heard) {
    const answer = `${statusCode} ${JSON.parse(body).code ?? ''}`.trim();
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
}
await stop();
await Promise.all([gate.close(), parameters.close(), table.close(), account.close()]);
const twice = [...sent].filter(([times]) => times > 1).reduce((sum, [, count]) => sum + count, 0);
const rows = (counts: ReadonlyMap<string | number, number>) =>
  [...counts].map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`).join('\n');
console.log(`
bursts ${bursts} of ${processes} equal requests, calls to the table ${calls}
messages sent in a burst
${rows(sent)}
answers
${rows(answers)}
requests past a guard that could not be asked: ${skipped}
sent more than once: ${twice}`);
process.exitCode = twice > 0 ? 1 : 0;
