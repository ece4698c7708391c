import type { Configuration } from '../lib/config/configuration.ts';
import { parseParameters } from '../lib/config/parameters.ts';
import { type Environment, parseEnvironment } from '../lib/environment.ts';
import { countryOf } from '../lib/guard/range-limits.ts';
import { assertCountries } from '../lib/message/recipient.ts';
import { StageParameters } from './aws/stage-parameters.ts';
import { stageOptions } from './stage-options.ts';
import { RUN } from './usage.ts';

/**
 * The configuration of a stage, as the functions read it.
 *
 * @param onProblem told of a platform whose secrets cannot be used
 * @throws Error if there is none, ConfigurationError if it cannot be used
 */
export async function loadStage(
  stage: string,
  onProblem: (problem: string) => void = () => {},
): Promise<Configuration> {
  const parameters = new StageParameters(stage);
  const values = await parameters.all();
  if (values.size === 0) {
    throw noConfiguration(stage, parameters.path);
  }
  return parseParameters(parameters.path, values, onProblem);
}

/** Says that a stage has no configuration, and what to do. @param path `/smsaero/prod` */
export function noConfiguration(stage: string, path: string): Error {
  return new Error(
    `${path} has no configuration: ${RUN} config push connector.json ${stageOptions(stage)} writes one`,
  );
}

/**
 * Gates, countries, limits of ranges and whether Telegram is on, as the functions would take them from this machine's environment:
 * `SMSAERO_GATES`, `SMSAERO_COUNTRIES`, `SMSAERO_LIMIT_RANGE_HOUR`, `SMSAERO_TELEGRAM`, or else the defaults of the code.
 *
 * @param deployed the environment of the stage's functions: what this machine's does not say is taken from there
 * @throws Error that names a variable that is wrong
 */
export function stageEnvironment(
  stage: string,
  deployed: Readonly<Record<string, string>> = {},
): Environment {
  const { SMSAERO_GATES, SMSAERO_COUNTRIES, SMSAERO_LIMIT_RANGE_HOUR, SMSAERO_TELEGRAM } = {
    ...deployed,
    ...process.env,
  };
  const variables = {
    SMSAERO_GATES,
    SMSAERO_COUNTRIES,
    SMSAERO_LIMIT_RANGE_HOUR,
    SMSAERO_TELEGRAM,
    SMSAERO_CONFIG_PATH: `/smsaero/${stage}`,
  };
  const environment = parseEnvironment(variables);
  assertCountries(environment.countries);
  assertCountries([...environment.guard.rangeLimits.keys()].map(countryOf), 'SMSAERO_LIMIT_RANGE_HOUR');
  return environment;
}
