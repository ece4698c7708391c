import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { REPORT_URL } from './functions.ts';

type Osls = { resolveVariable: (name: string) => Promise<unknown> };

const load = <T>(file: string, values: Record<string, unknown>): Promise<T> => {
  const made: (osls: Osls) => Promise<T> = createRequire(import.meta.url)(`../../infra/${file}`);
  return made({ resolveVariable: async (name) => values[name] ?? assert.fail(name) });
};

describe('the addresses that functions are told', () => {
  const addresses = (reportUrl: string, queuesUrl: string) =>
    load<Record<string, unknown>>('addresses.cjs', {
      'param:reportUrl': reportUrl,
      'param:queuesUrl': queuesUrl,
      'sls:stage': 'local',
    });

  it("are the stack's own", async () => {
    assert.deepEqual(await addresses('', ''), {
      reports: REPORT_URL,
      commands: { Ref: 'CommandQueue' },
      deadLetters: { Ref: 'DeadLetterQueue' },
    });
  });

  it('are plain strings when parameters name others', async () => {
    const asked = addresses('https://sms.example.com/reports/', 'http://127.0.0.1:9324/000000000000');
    assert.deepEqual(await asked, {
      reports: 'https://sms.example.com/reports',
      commands: 'http://127.0.0.1:9324/000000000000/smsaero-local-commands',
      deadLetters: 'http://127.0.0.1:9324/000000000000/smsaero-local-dead-letters',
    });
  });

  for (const wrong of [
    'sms.example.com/reports',
    'http://sms.example.com/reports',
    'ftp://127.0.0.1/reports',
    'https://sms.example.com/reports?key=1',
    'https://sms.example.com/reports#1',
    'https://user:pass@sms.example.com/reports',
  ]) {
    it(`are not made of ${wrong}`, async () => {
      await assert.rejects(addresses(wrong, ''), { message: /^The parameter reportUrl is an https URL/ });
      await assert.rejects(addresses('', wrong), { message: /^The parameter queuesUrl is an https URL/ });
    });
  }
});

describe('the limits of API Gateway', () => {
  const limits = (throttlingRate: unknown, throttlingBurst: unknown, queueConcurrency: unknown = '2') =>
    load('throttling.cjs', {
      'param:throttlingRate': throttlingRate,
      'param:throttlingBurst': throttlingBurst,
      'param:queueConcurrency': queueConcurrency,
    });

  it('are numbers, also of a command line, and higher for what sends nothing', async () => {
    assert.deepEqual(await limits('7', 14), {
      sending: { DetailedMetricsEnabled: false, ThrottlingRateLimit: 7, ThrottlingBurstLimit: 14 },
      // four for each message: 7 (14 at once) by HTTP and ten that two runs of the queue have under way
      reports: { DetailedMetricsEnabled: false, ThrottlingRateLimit: 68, ThrottlingBurstLimit: 96 },
      others: { DetailedMetricsEnabled: false, ThrottlingRateLimit: 70, ThrottlingBurstLimit: 140 },
    });
  });

  for (const wrong of ['', 'fast', 0, -1]) {
    it(`are not made of "${wrong}"`, async () => {
      await assert.rejects(limits(wrong, 10), { message: /^The parameter throttlingRate is a number/ });
      await assert.rejects(limits(5, wrong), { message: /^The parameter throttlingBurst is a number/ });
      await assert.rejects(limits(5, 10, wrong), { message: /^The parameter queueConcurrency is a number/ });
    });
  }
});
