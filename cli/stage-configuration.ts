import type { Configuration } from '../lib/config/configuration.ts';
import { parseParameters } from '../lib/config/parameters.ts';
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
