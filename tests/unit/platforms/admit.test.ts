import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Configuration } from '../../../lib/config/configuration.ts';
import { logto } from '../../../lib/platforms/logto.ts';
import { admit } from '../../../lib/platforms/platform.ts';
import { httpEvent } from '../../support/http-event.ts';

const OLD = 'Bearer old-secret-0123456789';
const NEW = 'Bearer new-secret-0123456789';

const configuration = (platforms: Record<string, string[]>) => ({ platforms }) as unknown as Configuration;
const request = (authorization: string) => httpEvent({ headers: { authorization } });

/** A cache that has one configuration, and gets another one when asked for a fresh one. */
function source(cached: Configuration, fresh: Configuration) {
  const asked: string[] = [];
  return {
    asked,
    get: async () => {
      asked.push('cached');
      return cached;
    },
    getRefreshed: async () => {
      asked.push('fresh');
      return fresh;
    },
  };
}

describe('admit', () => {
  it('lets a known secret in without asking for a fresh configuration', async () => {
    const known = source(configuration({ logto: [OLD] }), configuration({}));
    await admit(logto, request(OLD), known);
    assert.deepEqual(known.asked, ['cached']);
  });

  it('lets a secret in that was added a moment ago', async () => {
    await admit(
      logto,
      request(NEW),
      source(configuration({ logto: [OLD] }), configuration({ logto: [OLD, NEW] })),
    );
    await admit(logto, request(NEW), source(configuration({}), configuration({ logto: [NEW] })));
  });

  it('refuses what a fresh configuration refuses', async () => {
    const refused = (cached: Record<string, string[]>, fresh: Record<string, string[]>) =>
      admit(logto, request(NEW), source(configuration(cached), configuration(fresh)));
    await assert.rejects(refused({ logto: [OLD] }, { logto: [OLD] }), { code: 'unauthorized' });
    await assert.rejects(refused({}, {}), { code: 'not_found' });
    await assert.rejects(refused({ logto: [OLD] }, {}), { code: 'not_found' });
  });
});
