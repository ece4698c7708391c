import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encryptCode } from '../../../local/cognito/encrypt.ts';
import { POOL_ID } from '../../../local/cognito/events.ts';
import { startKms } from '../../../local/kms.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { startTable } from '../../support/table.ts';

describe('the stand-ins that use an SDK themselves', () => {
  it('start on the machine of somebody whose AWS profile has FIPS or dual stack on', async () => {
    useAwsStandIns();
    for (const name of ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT']) {
      process.env[name] = 'true'; // as use_fips_endpoint in ~/.aws/config
      const kms = await startKms();
      try {
        const table = await startTable('smsaero-test');
        await table.close();
        const keyArn = kms.createKey();
        assert.match(await encryptCode('482913', { keyArn, kmsUrl: kms.url, userPoolId: POOL_ID }), /^AYADe/);
      } finally {
        await kms.close();
        delete process.env[name];
      }
    }
  });
});
