import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';

const POOL_ARN = 'arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_Ab12Cd34E';

const chooseWay: (osls: { resolveVariable: (name: string) => Promise<string> }) => Promise<string> =
  createRequire(import.meta.url)('../../infra/cognito/way.cjs');

describe('the choice of the way', () => {
  const way = (cognito: string, userPoolArn: string, region = 'eu-central-1') => {
    const values: Record<string, string> = {
      'param:cognito': cognito,
      'param:userPoolArn': userPoolArn,
      'opt:region, self:provider.region': region,
    };
    const resolveVariable = async (name: string) => values[name] ?? assert.fail(name);
    return chooseWay({ resolveVariable });
  };

  it('is off unless asked for, the example when asked for, or the pool that is named', async () => {
    assert.equal(await way('off', ''), 'off');
    assert.equal(await way('example', ''), 'example');
    assert.equal(await way('local', ''), 'local');
    assert.equal(await way('off', POOL_ARN), 'existing');
    assert.equal(await way('off', POOL_ARN.replaceAll('eu-central-1', 'us-east-1'), 'us-east-1'), 'existing');
  });

  const refused: [string, Parameters<typeof way>, RegExp][] = [
    ['an unknown way', ['on', ''], /"off" or "example", not "on"/],
    ['a pool id', ['off', 'eu-central-1_Ab12Cd34E'], /userPoolArn is not the ARN of a user pool/],
    ['an ARN of two regions', ['off', POOL_ARN.replace('eu-', 'us-')], /not the ARN of a user pool/],
    ['a pool of another region', ['off', POOL_ARN, 'us-east-1'], /Use --region eu-central-1/],
    ['both ways', ['example', POOL_ARN], /exclude each other/],
  ];
  for (const [what, asked, message] of refused) {
    it(`is not made for ${what}`, async () => await assert.rejects(way(...asked), { message }));
  }
});
