import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { buildDecrypt } from '@aws-crypto/decrypt-node';
import { KmsKeyringNode } from '@aws-crypto/kms-keyring-node';
import { CommitmentPolicy } from '@aws-crypto/material-management-node';
import {
  createPool,
  defineEvent,
  encryptCode,
  POOL_ID,
  type PoolOptions,
  type Suite,
  senderEvent,
  USER_NAME,
  verifyEvent,
} from '../../../local/cognito/index.ts';
import { type Kms, startKms } from '../../../local/kms/index.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

describe('an encrypted code', () => {
  let kms: Kms;
  let keyArn: string;
  before(async () => {
    kms = await startKms();
    keyArn = kms.createKey();
    useAwsStandIns({ AWS_ENDPOINT_URL_KMS: kms.url });
  });
  after(() => kms.close());

  const open = async (code: string, policy = CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT) =>
    await buildDecrypt(policy).decrypt(new KmsKeyringNode({ keyIds: [keyArn] }), Buffer.from(code, 'base64'));
  const made = (suite?: Suite) =>
    encryptCode('482913', { keyArn, kmsUrl: kms.url, userPoolId: POOL_ID, ...(suite ? { suite } : {}) });

  it("is AWS's: format 1, suite 0x0378, the pool in its context, no commitment", async () => {
    const code = await made();
    assert.match(code, /^AYADe/);
    assert.equal(Buffer.from(code, 'base64').subarray(0, 4).toString('hex'), '01800378');
    const { plaintext, messageHeader } = await open(code);
    assert.equal(plaintext.toString(), '482913');
    assert.deepEqual(Object.keys(messageHeader.encryptionContext).sort(), [
      'aws-crypto-public-key',
      'userpool-id',
    ]);
    assert.equal(messageHeader.encryptionContext['userpool-id'], POOL_ID);
    await assert.rejects(open(code, CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT), /commit/);
  });

  it("may be LocalStack's: format 2, suite 0x0578, no pool in its context", async () => {
    const code = await made(0x0578);
    assert.match(code, /^AgV4/);
    const { plaintext, messageHeader } = await open(code);
    assert.equal(plaintext.toString(), '482913');
    assert.deepEqual(Object.keys(messageHeader.encryptionContext), ['aws-crypto-public-key']);
  });
});

describe('an event', () => {
  it('has null and absent members as real ones have', () => {
    const json = JSON.parse(JSON.stringify(senderEvent({ triggerSource: 'CustomSMSSender_SignUp' })));
    assert.equal(json.request.clientMetadata, null);
    assert.ok(!('response' in json));
    assert.equal(json.region, 'eu-central-1');
    const absent = JSON.parse(JSON.stringify(senderEvent({ code: undefined, clientMetadata: undefined })));
    assert.deepEqual(Object.keys(absent.request).sort(), ['type', 'userAttributes']);
    assert.ok(!('userNotFound' in defineEvent().request));
    assert.equal(verifyEvent().triggerSource, 'VerifyAuthChallengeResponse_Authentication');
  });
});

/** The simplest triggers: the answer is "yes", three wrong ones fail. */
async function triggers(input: unknown): Promise<unknown> {
  const event = input as { triggerSource: string; request: Record<string, unknown> };
  const session = (event.request['session'] ?? []) as { challengeResult: boolean }[];
  const response = () => {
    switch (event.triggerSource) {
      case 'DefineAuthChallenge_Authentication':
        return {
          issueTokens: session.at(-1)?.challengeResult === true,
          failAuthentication: session.length === 3,
          challengeName: 'CUSTOM_CHALLENGE',
        };
      case 'CreateAuthChallenge_Authentication':
        return {
          publicChallengeParameters: { hint: 'y' },
          privateChallengeParameters: { answer: 'yes' },
          challengeMetadata: `asked ${session.length}`,
        };
      default:
        return {
          answerCorrect:
            (event.request['privateChallengeParameters'] as { answer: string }).answer ===
            event.request['challengeAnswer'],
        };
    }
  };
  return { ...event, response: response() };
}

const pool = (options: Partial<PoolOptions> = {}) => createPool({ invoke: triggers, ...options });

describe("a pool's custom authentication", () => {
  it('goes Define, Create, Verify, Define until tokens, and remembers what was answered', async () => {
    const conversation = await pool().initiateAuth();
    assert.deepEqual(conversation.started, {
      status: 'challenge',
      publicParameters: { hint: 'y', USERNAME: USER_NAME },
    });
    assert.deepEqual(conversation.privateParameters, { answer: 'yes' });
    assert.equal((await conversation.respond('no')).status, 'challenge');
    assert.deepEqual(await conversation.respond('yes'), { status: 'tokens' });
    assert.deepEqual(
      conversation.calls.map(({ trigger }) => trigger),
      ['define', 'create', 'verify', 'define', 'create', 'verify', 'define'],
    );
    assert.deepEqual(conversation.session, [
      { challengeName: 'CUSTOM_CHALLENGE', challengeResult: false, challengeMetadata: 'asked 0' },
      { challengeName: 'CUSTOM_CHALLENGE', challengeResult: true, challengeMetadata: 'asked 1' },
    ]);
    await assert.rejects(conversation.respond('yes'), { name: 'NotAuthorizedException' });
  });

  it('fails when Define says so', async () => {
    const conversation = await pool().initiateAuth();
    await conversation.respond('no');
    await conversation.respond('no');
    assert.deepEqual(await conversation.respond('no'), { status: 'failed' });
  });

  it('repeats calls when told, one after the other or at once, and takes the last answer', async () => {
    for (const overlap of [false, true]) {
      let calls = 0;
      const invoke = async (event: unknown) => {
        const { response, ...rest } = (await triggers(event)) as { response: Record<string, unknown> };
        calls += 1;
        return { ...rest, response: { ...response, challengeMetadata: `call ${calls}` } };
      };
      const times: PoolOptions['times'] = (trigger) => (trigger === 'create' ? 3 : 1);
      const conversation = await pool({ invoke, times, overlap }).initiateAuth();
      await conversation.respond('yes');
      assert.equal(conversation.calls.filter(({ trigger }) => trigger === 'create').length, 3);
      assert.equal(conversation.session[0]?.challengeMetadata, 'call 4');
    }
  });

  it('gives an unknown user no tokens, whatever the triggers say', async () => {
    const conversation = await pool().initiateAuth('nobody');
    assert.equal(conversation.started.status, 'challenge');
    const [first] = conversation.calls;
    assert.deepEqual((first?.event as { request: unknown } | undefined)?.request, {
      userAttributes: {},
      userNotFound: true,
      session: [],
    });
    assert.deepEqual(await conversation.respond('yes'), { status: 'failed' });
    const legacy = pool({ preventUserExistenceErrors: false });
    await assert.rejects(legacy.initiateAuth('nobody'), { name: 'UserNotFoundException' });
  });

  it("tells the caller the function's error, and refuses an answer that makes no sense", async () => {
    const invoke = async () => {
      throw new Error('a neutral sentence');
    };
    await assert.rejects(pool({ invoke }).initiateAuth(), {
      name: 'UserLambdaValidationException',
      message: 'DefineAuthChallenge failed with error a neutral sentence.',
    });
    const bad = [undefined, {}, { response: { challengeName: 'OTHER' } }];
    for (const answer of bad) {
      await assert.rejects(pool({ invoke: async () => answer }).initiateAuth(), {
        name: 'InvalidLambdaResponseException',
      });
    }
    const numbers = async (event: unknown) => {
      const answer = (await triggers(event)) as { response: Record<string, unknown> };
      const response = { ...answer.response, publicChallengeParameters: { digits: 6 } };
      return { ...answer, response };
    };
    await assert.rejects(pool({ invoke: numbers }).initiateAuth(), {
      name: 'InvalidLambdaResponseException',
    });
  });
});
