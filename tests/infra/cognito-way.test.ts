import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';

const POOL_ARN = 'arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_Ab12Cd34E';

const chooseWay: (osls: { resolveVariable: (name: string) => Promise<string> }) => Promise<string> =
  createRequire(import.meta.url)('../../infra/cognito/way.cjs');

describe('the choice of the way', () => {
  const way = (cognito: string, userPoolArn: string) => {
    const values: Record<string, string> = { 'param:cognito': cognito, 'param:userPoolArn': userPoolArn };
    const resolveVariable = async (name: string) => values[name] ?? assert.fail(name);
    return chooseWay({ resolveVariable });
  };

  it('is off unless asked for, the example when asked for, or the pool that is named', async () => {
    assert.equal(await way('off', ''), 'off');
    assert.equal(await way('example', ''), 'example');
    assert.equal(await way('local', ''), 'local');
    assert.equal(await way('off', POOL_ARN), 'existing');
  });

  it('names a file that is there, whatever is asked for', async () => {
    assert.equal(await way('../off', ''), 'off');
  });
});
