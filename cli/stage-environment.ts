import { type Environment, parseEnvironment } from '../lib/environment.ts';
import { assertCountries } from '../lib/guard/recipient.ts';

/**
 * Gates and countries as the functions would take them from this machine's environment: `SMSAERO_GATES`, `SMSAERO_COUNTRIES`, or else the
 * code's own.
 *
 * @param deployed the environment of the stage's functions: what this machine's does not say is taken from there
 * @throws Error that names a variable that is wrong
 */
export function stageEnvironment(
  stage: string,
  deployed: Readonly<Record<string, string>> = {},
): Environment {
  const { SMSAERO_GATES, SMSAERO_COUNTRIES } = { ...deployed, ...process.env };
  const variables = { SMSAERO_GATES, SMSAERO_COUNTRIES, SMSAERO_CONFIG_PATH: `/smsaero/${stage}` };
  const environment = parseEnvironment(variables);
  assertCountries(environment.countries);
  return environment;
}
