/** The floor: nothing but the one HTTPS request, from environment variables. */
import { request } from 'node:https';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

const { BENCH_EMAIL, BENCH_API_KEY } = process.env;
const Authorization = `Basic ${Buffer.from(`${BENCH_EMAIL}:${BENCH_API_KEY}`).toString('base64')}`;

export const handler = (event: APIGatewayProxyEventV2) => {
  const { to, payload } = JSON.parse(event.body ?? '');
  const body = JSON.stringify({ number: to, sign: 'SMSAero', text: `Код для входа: ${payload.code}` });
  return new Promise((resolve, reject) => {
    const sent = request('https://gate.smsaero.ru/v2/sms/send', {
      method: 'POST',
      headers: {
        Authorization,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ statusCode: JSON.parse(text).success ? 200 : 502 }));
    });
    sent.end(body);
  });
};
