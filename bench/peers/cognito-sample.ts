/**
 * Cognito's custom SMS sender as AWS's sample has it (Amazon Cognito Developer Guide, "Custom SMS sender Lambda trigger"):
 * `@aws-crypto/client-node` decrypts, then the code is sent, here with the lightest client.
 */
import { buildClient, CommitmentPolicy, KmsKeyringNode } from '@aws-crypto/client-node';
import type { CustomSMSSenderTriggerEvent } from 'aws-lambda';
import { readConfiguration } from './configuration.ts';
import { post } from './post.ts';

const { decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT);
const keyring = new KmsKeyringNode({ keyIds: [String(process.env['SMSAERO_COGNITO_KEY_ARN'])] });
const configuration = readConfiguration();

export const handler = async (event: CustomSMSSenderTriggerEvent) => {
  const { plaintext } = await decrypt(keyring, Buffer.from(event.request.code ?? '', 'base64'));
  const settings = await configuration;
  const number = event.request.userAttributes['phone_number']?.slice(1);
  const template = settings.templates.find(({ usageType }) => usageType === 'SignIn');
  const text = template?.content.replaceAll('{{code}}', plaintext.toString('utf8'));
  const { success } = await post(settings, { number, sign: settings.senderName, text });
  if (!success) throw new Error('Not sent');
};
