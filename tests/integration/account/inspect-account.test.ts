import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { readDiagnosis } from '../../../cli/doctor/diagnosis.ts';
import { createInspectAccount } from '../../../lib/account/inspect-account.ts';
import type { Configuration } from '../../../lib/config/configuration.ts';
import { ConfigurationError } from '../../../lib/config/parameters.ts';
import { createAccount, startGate } from '../../../local/simulator/index.ts';
import { CONNECTOR } from '../../support/connector.ts';

const KEY = CONNECTOR.apiKey;
const NEW_KEY = 'rotatedKey_0123456789_rotatedKey';

const account = createAccount({ email: CONNECTOR.email, apiKey: KEY });
const gates = [await startGate(account), await startGate(account)] as const;
after(() => Promise.all(gates.map((gate) => gate.close())));

describe('an account, as it is inspected', () => {
  afterEach(() => {
    account.apiKey = KEY;
    account.senderNames = [];
    for (const { faults } of gates) faults.clear();
  });

  /** @param renewed the configuration that Parameter Store has by now */
  async function inspect(changes: Partial<Configuration> = {}, renewed: Partial<Configuration> = changes) {
    const configurationOf = (some: Partial<Configuration>) =>
      ({ ...CONNECTOR, hashKey: 'h'.repeat(43), platforms: { logto: ['x'] }, ...some }) as Configuration;
    const configuration = {
      getRefreshed: async () => configurationOf(changes),
      renew: async () => configurationOf(renewed),
      ageSeconds: 3,
    };
    const environment = { gates: gates.map(({ url }) => url) };
    return (await createInspectAccount({ environment, configuration })(Date.now() + 60_000)).report;
  }

  it('answers what it sees, which doctor reads', async () => {
    const report = await inspect();
    const { gates: checked, ...rest } = report;
    assert.deepEqual(
      checked.map(({ ms, ...gate }) => ({ ...gate, timed: ms > 0 })),
      gates.map(({ url }) => ({ gate: new URL(url).host, ok: true, reached: true, timed: true })),
    );
    assert.deepEqual(rest, {
      balance: 1_000,
      senderName: { name: 'SMSAero', kind: 'shared' },
      configuration: 'ok',
      configurationAge: 3,
      platforms: ['logto'],
    });
    assert.equal(account.messages().length, 0);
    const findings = readDiagnosis({ ...report }, 500).map(({ check, status }) => `${status} ${check}`);
    assert.deepEqual(findings, [
      'pass from Lambda: configuration',
      ...gates.map(({ url }) => `pass from Lambda: gate ${new URL(url).host}`),
      ...['pass from Lambda: balance', 'warn from Lambda: sender name SMSAero'],
    ]);
  });

  it('tells a refusal of one gate from one of all, and a gate that does not answer', async () => {
    const seen = async () => (await inspect()).gates.map(({ cause, reached }) => [cause, reached]);
    gates[0].faults.order({ fault: 'ip_not_allowed', method: 'auth' });
    gates[1].faults.order({ fault: 'bad_gateway_html', method: 'auth' });
    assert.deepEqual(await seen(), [
      ['ip_not_allowed', true],
      ['HTTP_502', false],
    ]);
    account.apiKey = NEW_KEY;
    const { gates: refusing, balance, problems } = await inspect();
    assert.deepEqual(
      refusing.map(({ ok, cause }) => [ok, cause]),
      refusing.map(() => [false, 'unauthorized']),
    );
    assert.equal(balance, undefined);
    assert.deepEqual(problems, { balance: 'unauthorized', senderName: 'unauthorized' });
  });

  it('takes a key that was changed a moment ago', async () => {
    account.apiKey = NEW_KEY;
    const { gates: checked, balance } = await inspect({}, { apiKey: NEW_KEY });
    assert.deepEqual([checked.map(({ ok }) => ok), balance], [[true, true], 1_000]);
  });

  it('says of each sender name how it stands', async () => {
    const own = { kind: 'own', accepted: true, pending: [] };
    const before = await inspect({ senderName: 'MyShop' });
    assert.deepEqual(before.senderName, { name: 'MyShop', kind: 'absent' });
    account.senderNames = ['MyShop', 'MyShopKZ'];
    const senderNames = { KZ: 'MyShopKZ', BY: 'SMSAero', UZ: 'Other' };
    const report = await inspect({ senderName: 'MyShop', senderNames });
    const approved = ['MEGAFON', 'MTS', 'BEELINE', 'TELE2'];
    assert.deepEqual(report.senderName, { name: 'MyShop', ...own, approved });
    assert.deepEqual(report.senderNames, {
      KZ: { name: 'MyShopKZ', ...own, approved: [] },
      BY: { name: 'SMSAero', kind: 'shared' },
      UZ: { name: 'Other', kind: 'absent' },
    });
    for (const { faults } of gates) faults.order({ fault: 'html_200', method: 'sign/list' });
    const { senderName, problems } = await inspect({ senderName: 'MyShop' });
    assert.deepEqual([senderName, problems], [undefined, { senderName: 'MALFORMED_ANSWER' }]);
  });

  it('has no gates without a configuration, and says why', async () => {
    for (const [error, said] of [
      [new ConfigurationError('configuration_invalid', 'email'), 'configuration_invalid: email'],
      [new Error('odd'), 'internal_error: odd'],
    ] as const) {
      const fails = () => Promise.reject(error);
      const configuration = { getRefreshed: fails, renew: fails, ageSeconds: undefined };
      const look = createInspectAccount({ environment: { gates: [] }, configuration });
      assert.deepEqual(await look(Date.now()), { report: { gates: [], configuration: said } });
    }
  });
});
