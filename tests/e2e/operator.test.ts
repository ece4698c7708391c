import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startParameterStore } from '../../local/parameter-store.ts';
import { createAccount, startGate } from '../../local/simulator/index.ts';
import { type CommandLine, openCommandLine } from '../support/cli.ts';
import { startFunction } from '../support/function.ts';
import { CONNECTOR } from '../support/stack.ts';

describe('a new operator, from an empty stage to a test message', () => {
  const parts: { close(): Promise<void> }[] = [];
  const account = createAccount({
    email: CONNECTOR.email,
    apiKey: CONNECTOR.apiKey,
    progress: { sentAfterMs: 100, deliveredAfterMs: 200 },
  });
  const environment: Record<string, string> = {};
  let cli: CommandLine;
  let file = '';
  before(async () => {
    const gate = await startGate(account);
    const parameters = await startParameterStore({ parameters: {} });
    Object.assign(environment, {
      AWS_ENDPOINT_URL_SSM: parameters.url,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9', // nothing is deployed: the discard port
      SMSAERO_GATES: gate.url,
    });
    cli = await openCommandLine(environment);
    file = await cli.write('connector.json', CONNECTOR);
    parts.push(gate, parameters, account, cli);
  });
  after(() => Promise.all(parts.map((part) => part.close())));

  it('hears that there is no configuration yet, and what to do', async () => {
    const { exitCode, problems } = await cli.run(['send', '--stage', 'trial', '--to', '79031234567']);
    assert.equal(exitCode, 1);
    assert.match(problems, /\/smsaero\/trial has no configuration.*config push/s);
  });

  it('checks and pushes it', async () => {
    assert.equal((await cli.run(['config', 'check', file])).exitCode, 0);
    const { exitCode, output } = await cli.run(['config', 'push', file, '--stage', 'trial', '--yes']);
    assert.equal(exitCode, 0, output);
    assert.ok(!output.includes(CONNECTOR.apiKey));
  });

  it('sends a message, and sees it delivered', async () => {
    const { exitCode, output } = await cli.run([
      ...['send', '--stage', 'trial', '--to', '79031234567', '--type', 'SignIn'],
    ]);
    assert.equal(exitCode, 0, output);
    assert.match(output, /delivered\s*$/);
    assert.equal(account.messages()[0]?.text, 'Код для входа: 000000. Никому его не сообщайте.');
  });

  it('makes a secret, and sends through the function that knows the stage, as Logto would', async () => {
    const { output: made } = await cli.run(['secret', 'add', 'logto', '--stage', 'trial', '--yes']);
    assert.match(made, /^Bearer [\w-]{32}$/m);
    const hook = await startFunction('sms-hook', { ...environment, SMSAERO_CONFIG_PATH: '/smsaero/trial' });
    parts.push(hook);
    const { exitCode, output, problems } = await cli.run([
      ...['send', '--stage', 'trial', '--to', '79161234567', '--type', 'Register'],
      ...['--url', hook.url, '--platform', 'logto'],
    ]);
    assert.equal(exitCode, 0, output + problems);
    assert.match(account.messages()[0]?.text ?? '', /^Код для регистрации: 000000/);
  });
});
