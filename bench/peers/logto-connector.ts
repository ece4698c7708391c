/** Peer 1: Logto's SMS Aero connector, as it is, in a function. Its configuration is on the way while Lambda initialises. */
import createConnector from '@logto/connector-smsaero';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { readConfiguration } from './configuration.ts';

const configuration = readConfiguration();
const connector = createConnector({ getConfig: () => configuration });

export const handler = async (event: APIGatewayProxyEventV2) => {
  const { secret } = await configuration;
  if (event.headers['authorization'] !== secret) return { statusCode: 401 };
  await (await connector).sendMessage(JSON.parse(event.body ?? ''));
  return { statusCode: 200 };
};
