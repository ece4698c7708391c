import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { ParameterStore } from '../../../lib/config/parameter-store.ts';

const ssm = mockClient(SSMClient);
afterEach(() => ssm.reset());

const parameter = (name: string, value: string) => ({ Name: `/smsaero/test/${name}`, Value: value });
const load = () => new ParameterStore('/smsaero/test').load();

describe('the parameters of a stage', () => {
  it('are read from all pages, decrypted, by name below the path', async () => {
    ssm
      .on(GetParametersByPathCommand)
      .callsFake(async ({ NextToken }) =>
        NextToken === 'more'
          ? { Parameters: [parameter('platforms/logto', 'secret')] }
          : { Parameters: [parameter('email', 'owner@example.com')], NextToken: 'more' },
      );
    assert.deepEqual(
      await load(),
      new Map([
        ['email', 'owner@example.com'],
        ['platforms/logto', 'secret'],
      ]),
    );
    const asked = { Path: '/smsaero/test', Recursive: true, WithDecryption: true };
    assert.deepEqual(
      ssm.commandCalls(GetParametersByPathCommand).map(({ args: [{ input }] }) => input),
      [
        { ...asked, NextToken: undefined },
        { ...asked, NextToken: 'more' },
      ],
    );
  });

  it('are none where there are none', async () => {
    ssm.on(GetParametersByPathCommand).resolves({});
    assert.deepEqual(await load(), new Map());
  });

  it('cannot be read without permission: one call, and an error with the cause', async () => {
    const denied = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    ssm.on(GetParametersByPathCommand).rejects(denied);
    await assert.rejects(load(), {
      name: 'ConfigurationError',
      code: 'configuration_unreadable',
      message: 'Parameter Store could not be read at /smsaero/test: AccessDeniedException',
      cause: denied,
    });
    assert.equal(ssm.commandCalls(GetParametersByPathCommand).length, 1);
  });
});
