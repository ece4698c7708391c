/** Peer 2: axios, with gates tried in turn, a new client for each request and 30 s a gate, which is how the vendor's SDK sends. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import axios, { AxiosError } from 'axios';
import { type PeerConfiguration, readConfiguration } from './configuration.ts';

const GATES = ['gate.smsaero.ru', 'gate.smsaero.org', 'gate.smsaero.net', 'gate.smsaero.uz'];
const configuration = readConfiguration();

async function post({ email, apiKey }: PeerConfiguration, method: string, parameters: object) {
  for (const gate of GATES) {
    try {
      const { data } = await axios.post(`https://${gate}/v2/${method}`, parameters, {
        auth: { username: email, password: apiKey },
        headers: { 'Content-Type': 'application/json', 'User-Agent': 'bench/1.0.0' },
        timeout: 30_000,
      });
      return data;
    } catch (error) {
      const status = error instanceof AxiosError ? error.response?.status : undefined;
      if (status !== undefined && status < 500 && status !== 429) throw error;
    }
  }
  throw new Error('No gate answered');
}

export const handler = async (event: APIGatewayProxyEventV2) => {
  const settings = await configuration;
  if (event.headers['authorization'] !== settings.secret) return { statusCode: 401 };
  const { to, type, payload } = JSON.parse(event.body ?? '');
  const template = settings.templates.find(({ usageType }) => usageType === type);
  const text = template?.content.replaceAll('{{code}}', payload.code);
  const { success } = await post(settings, 'sms/send', { number: to, sign: settings.senderName, text });
  return { statusCode: success ? 200 : 502 };
};
