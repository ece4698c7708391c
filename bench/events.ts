import { encryptCode } from '../local/cognito/encrypt.ts';
import { POOL_ID, senderEvent } from '../local/cognito/events.ts';
import { LOCAL_KEY_ARN } from '../local/cognito/user-pool.ts';
import { SECRET } from './world.ts';

let messages = 0;

/** One person and one code after the other: no number, block of numbers or address comes twice, so that no limit is reached. */
function next() {
  const n = messages++;
  return {
    to: `79${String(30_000_000 + (n % 60_000) * 1_000 + Math.floor(n / 60_000)).padStart(9, '0')}`,
    ip: `${198 + (n >> 16)}.${51 + ((n >> 14) & 3)}.${(n >> 7) & 127}.${n & 127}`,
    code: String(100_000 + (n % 900_000)),
  };
}

/** What API Gateway (HTTP API, payload 2.0) makes of one request of Logto's HTTP SMS connector. */
export function hookEvent(): object {
  const { to, ip, code } = next();
  return {
    version: '2.0',
    routeKey: 'POST /sms/{platform}',
    rawPath: '/sms/logto',
    rawQueryString: '',
    pathParameters: { platform: 'logto' },
    headers: { authorization: SECRET, 'content-type': 'application/json' },
    requestContext: {
      stage: '$default',
      http: { method: 'POST', path: '/sms/logto', sourceIp: '198.51.100.7' },
    },
    body: JSON.stringify({ to, type: 'SignIn', payload: { code }, ip }),
    isBase64Encoded: false,
  };
}

/** Amazon Cognito's event of the custom SMS sender, with a code under the key of the KMS at this endpoint. */
export async function cognitoEvent(kmsUrl: string): Promise<object> {
  const { to, code } = next();
  const encrypted = await encryptCode(code, { keyArn: LOCAL_KEY_ARN, kmsUrl, userPoolId: POOL_ID });
  return senderEvent({ code: encrypted, attributes: { phone_number: `+${to}` } });
}

/** What SQS sends for so many messages, each a CloudEvent as `sms-queue` takes it. */
export function queueEvent(size: number): object {
  const record = () => {
    const { to, code } = next();
    const id = `bench-${messages}`;
    const data = { to, type: 'SignIn', payload: { code } };
    const time = new Date().toISOString();
    return {
      messageId: id,
      receiptHandle: id,
      body: JSON.stringify({ specversion: '1.0', id, source: '/bench', type: 'sms.send.v1', time, data }),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: String(Date.now()),
        SenderId: 'bench',
        ApproximateFirstReceiveTimestamp: String(Date.now()),
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-central-1:123456789012:bench',
      awsRegion: 'eu-central-1',
    };
  };
  return { Records: Array.from({ length: size }, record) };
}
