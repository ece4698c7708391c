import type { Configuration } from '../lib/config/configuration.ts';
import { parseParameters } from '../lib/config/parameters.ts';
import { type Environment, parseEnvironment } from '../lib/environment.ts';
import { countryOf } from '../lib/guard/range-limits.ts';
import { assertCountries } from '../lib/message/recipient.ts';
import { StageParameters } from './aws/stage-parameters.ts';
import { stageOptions } from './stage-options.ts';
import { RUN } from './usage.ts';

/** A stage, for commands that send messages or ask SMS Aero for them. */
export interface LoadedStage {
  readonly stage: string;
  readonly configuration: Configuration;
  readonly environment: Environment;
}

/**
 * Loads the configuration of a stage, as the functions read it, and what this machine's environment says of it.
 *
 * @throws Error if there is none or a variable is wrong, ConfigurationError if it cannot be used
 */
export async function loadStage(stage: string): Promise<LoadedStage> {
  const parameters = new StageParameters(stage);
  const values = await parameters.all();
  if (values.size === 0) throw noConfiguration(stage, parameters.path);
  const configuration = parseParameters(parameters.path, values, () => {}); // doctor tells of unusable secrets
  return { stage, configuration, environment: stageEnvironment(stage) };
}

/** Says that a stage has no configuration, and what to do. @param path `/smsaero/prod` */
export function noConfiguration(stage: string, path: string): Error {
  return new Error(
    `${path} has no configuration: ${RUN} config push connector.json ${stageOptions(stage)} writes one`,
  );
}

/** What the command line takes of the functions' environment: gates, countries, limits of ranges, and whether Telegram is on. */
const VARIABLES = ['SMSAERO_GATES', 'SMSAERO_COUNTRIES', 'SMSAERO_LIMIT_RANGE_HOUR', 'SMSAERO_TELEGRAM'];

/**
 * The environment of a stage as the functions would take it from this machine's, or else the defaults of the code.
 *
 * @param deployed the environment of the stage's functions: what this machine's does not say is taken from there
 * @throws Error that names a variable that is wrong
 */
export function stageEnvironment(
  stage: string,
  deployed: Readonly<Record<string, string>> = {},
): Environment {
  const given: Readonly<Record<string, string | undefined>> = { ...deployed, ...process.env };
  const environment = parseEnvironment({
    ...Object.fromEntries(VARIABLES.map((name) => [name, given[name]])),
    SMSAERO_CONFIG_PATH: `/smsaero/${stage}`,
  });
  assertCountries(environment.countries);
  assertCountries([...environment.guard.rangeLimits.keys()].map(countryOf), 'SMSAERO_LIMIT_RANGE_HOUR');
  return environment;
}
