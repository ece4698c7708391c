import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Configuration } from '../../../lib/config/configuration.ts';
import { logto } from '../../../lib/platforms/logto.ts';
import { admit } from '../../../lib/platforms/platform.ts';
import { httpEvent } from '../../support/http-event.ts';

const OLD = 'Bearer old-secret-0123456789';
const NEW = 'Bearer new-secret-0123456789';

for (const [what, given, cached, refreshed, expected] of [
  ['lets a known secret in without a refresh', OLD, { logto: [OLD] }, {}, ['cached']],
  ['lets a second secret in that was added a moment ago', NEW, { logto: [OLD] }, { logto: [OLD, NEW] }],
  ['lets a first secret in that was added a moment ago', NEW, {}, { logto: [NEW] }],
  ['refuses a secret that is still unknown', NEW, { logto: [OLD] }, { logto: [OLD] }, 'unauthorized'],
  ['refuses a platform that is off', NEW, {}, {}, 'not_found'],
  ['refuses a platform that was turned off', NEW, { logto: [OLD] }, {}, 'not_found'],
] as const) {
  it(`admit ${what}`, async () => {
    const asked: string[] = [];
    const source = (name: string, platforms: object) => async () => {
      asked.push(name);
      return { platforms } as Configuration;
    };
    const admitted = admit(logto, httpEvent({ headers: { authorization: given } }), {
      get: source('cached', cached),
      getRefreshed: source('refreshed', refreshed),
    });
    if (typeof expected === 'string') await assert.rejects(admitted, { code: expected });
    else await admitted;
    assert.deepEqual(asked, Array.isArray(expected) ? expected : ['cached', 'refreshed']);
  });
}
