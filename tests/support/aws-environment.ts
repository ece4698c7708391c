import { devNull } from 'node:os';

/**
 * Points the AWS clients of this process at stand-ins, by environment variables (`AWS_ENDPOINT_URL_DYNAMODB` and the like). Nothing of the
 * surroundings is left: a developer's `AWS_PROFILE` would take the place of the stand-ins' credentials, and a client whose `~/.aws/config` has
 * `use_fips_endpoint` refuses any endpoint of one's own.
 */
export function useAwsStandIns(endpoints: Readonly<Record<`AWS_ENDPOINT_URL_${string}`, string>> = {}): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) delete process.env[name];
  }
  Object.assign(process.env, {
    ...endpoints,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  });
}
