import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';

/** What the peers read from Parameter Store. */
export interface PeerConfiguration {
  readonly email: string;
  readonly apiKey: string;
  readonly senderName: string;
  readonly templates: readonly { usageType: string; content: string }[];
  readonly secret: string;
}

/** Reads the configuration with the AWS SDK, as its documentation shows it. */
export async function readConfiguration(): Promise<PeerConfiguration> {
  const path = process.env['SMSAERO_CONFIG_PATH'];
  const { Parameters = [] } = await new SSMClient({}).send(
    new GetParametersByPathCommand({ Path: path, Recursive: true, WithDecryption: true }),
  );
  const value = (name: string) => Parameters.find(({ Name }) => Name === `${path}/${name}`)?.Value ?? '';
  return {
    email: value('email'),
    apiKey: value('apiKey'),
    senderName: value('senderName'),
    templates: JSON.parse(value('templates')),
    secret: value('platforms/logto'),
  };
}
