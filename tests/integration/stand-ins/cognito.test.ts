import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildDecrypt } from '@aws-crypto/decrypt-node';
import { KmsKeyringNode } from '@aws-crypto/kms-keyring-node';
import { CommitmentPolicy } from '@aws-crypto/material-management-node';
import { startKms } from '../../../local/kms.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { createPool, encryptCode, POOL_ID, USER_NAME } from '../../support/cognito.ts';

describe('an encrypted code', () => {
  it("is AWS's (format 1, suite 0x0378, the pool in its context) or LocalStack's (format 2, suite 0x0578)", async () => {
    const kms = await startKms();
    const keyArn = kms.createKey();
    useAwsStandIns({ AWS_ENDPOINT_URL_KMS: kms.url });
    const made = async (suite: 0x0378 | 0x0578) => {
      const code = await encryptCode('482913', { keyArn, kmsUrl: kms.url, userPoolId: POOL_ID, suite });
      const bytes = Buffer.from(code, 'base64');
      const { decrypt } = buildDecrypt(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT);
      const { plaintext, messageHeader } = await decrypt(new KmsKeyringNode({ keyIds: [keyArn] }), bytes);
      assert.equal(plaintext.toString(), '482913');
      return [bytes.subarray(0, 4).toString('hex'), messageHeader.encryptionContext['userpool-id']];
    };
    assert.deepEqual(await made(0x0378), ['01800378', POOL_ID]);
    const [start, pool] = await made(0x0578);
    assert.deepEqual([start?.slice(0, 6), pool], ['020578', undefined]);
    await kms.close();
  });
});

/** The simplest triggers: the answer is "yes", three wrong ones fail. */
async function triggers(input: unknown): Promise<unknown> {
  const event = input as { triggerSource: string; request: Record<string, unknown> };
  const session = (event.request['session'] ?? []) as { challengeResult: boolean }[];
  const { privateChallengeParameters: expected, challengeAnswer } = event.request;
  const responses = {
    Def: {
      issueTokens: session.at(-1)?.challengeResult === true,
      failAuthentication: session.length === 3,
      challengeName: 'CUSTOM_CHALLENGE',
    },
    Cre: {
      publicChallengeParameters: { hint: 'y' },
      privateChallengeParameters: { answer: 'yes' },
      challengeMetadata: `asked ${session.length}`,
    },
    Ver: { answerCorrect: (expected as { answer: string } | undefined)?.answer === challengeAnswer },
  };
  return { ...event, response: responses[event.triggerSource.slice(0, 3) as keyof typeof responses] };
}

describe("a pool's custom authentication", () => {
  it('goes Define, Create, Verify, Define until tokens, and remembers what was answered', async () => {
    const conversation = await createPool({ invoke: triggers }).initiateAuth();
    assert.deepEqual(conversation.started, {
      status: 'challenge',
      publicParameters: { hint: 'y', USERNAME: USER_NAME },
    });
    assert.equal((await conversation.respond('no')).status, 'challenge');
    assert.deepEqual(await conversation.respond('yes'), { status: 'tokens' });
    assert.deepEqual(conversation.session, [
      { challengeName: 'CUSTOM_CHALLENGE', challengeResult: false, challengeMetadata: 'asked 0' },
      { challengeName: 'CUSTOM_CHALLENGE', challengeResult: true, challengeMetadata: 'asked 1' },
    ]);
    await assert.rejects(conversation.respond('yes'), { name: 'NotAuthorizedException' });
  });

  it("tells the caller the function's error, and refuses an answer that makes no sense", async () => {
    const started = (invoke: (event: unknown) => Promise<unknown>) => createPool({ invoke }).initiateAuth();
    const broken = async () => {
      throw new Error('a neutral sentence');
    };
    await assert.rejects(started(broken), {
      name: 'UserLambdaValidationException',
      message: 'DefineAuthChallenge failed with error a neutral sentence.',
    });
    const numbers = async (event: unknown) => {
      const answer = (await triggers(event)) as { response: object };
      return { ...answer, response: { ...answer.response, publicChallengeParameters: { digits: 6 } } };
    };
    for (const bad of [
      async () => undefined,
      async () => ({ response: { challengeName: 'OTHER' } }),
      numbers,
    ]) {
      await assert.rejects(started(bad), { name: 'InvalidLambdaResponseException' });
    }
  });
});
