import { escapeBraces } from '../../lib/config/parameters.ts';
import type { ParameterValue } from './parameters.ts';

/** The JSON of Logto's SMS Aero connector, with what it may have beside what Logto knows. */
export interface ConnectorJson {
  email: string;
  apiKey: string;
  senderName: string;
  senderNames?: Readonly<Record<string, string>>;
  templates: readonly {
    usageType: string;
    content: string;
    locale?: string;
    links?: boolean;
    channel?: string;
  }[];
}

/** `config push` makes a random one. */
export const LOCAL_HASH_KEY = 'local-development-not-a-random-hash-key';

/**
 * The parameters of a stage, as they lie under `/smsaero/{stage}/`.
 * @param stage `dev`, `prod`, `local`.
 * @param connector the connector's JSON, unchanged.
 * @param platforms what authenticates the callers of each platform, one secret a line.
 */
export function fromConnector(
  stage: string,
  connector: ConnectorJson,
  platforms: Readonly<Record<string, string>>,
): Record<string, ParameterValue> {
  const path = `/smsaero/${stage}`;
  const secrets = Object.entries(platforms).map(([platform, value]): [string, ParameterValue] => [
    `${path}/platforms/${platform}`,
    { type: 'SecureString', value },
  ]);
  return {
    [`${path}/email`]: { type: 'String', value: connector.email },
    [`${path}/apiKey`]: { type: 'SecureString', value: connector.apiKey },
    [`${path}/hashKey`]: { type: 'SecureString', value: LOCAL_HASH_KEY },
    [`${path}/senderName`]: { type: 'String', value: connector.senderName },
    ...(connector.senderNames && {
      [`${path}/senderNames`]: { type: 'String', value: JSON.stringify(connector.senderNames) },
    }),
    [`${path}/templates`]: { type: 'String', value: escapeBraces(JSON.stringify(connector.templates)) },
    ...Object.fromEntries(secrets),
  };
}
