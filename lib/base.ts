import { Cache } from './config/cache.ts';
import type { Configuration } from './config/configuration.ts';
import { ParameterStore } from './config/parameter-store.ts';
import { parseParameters } from './config/parameters.ts';
import { type Environment, parseEnvironment, type Variable } from './environment.ts';
import { PowertoolsLog } from './observability/logger.ts';
import { PowertoolsMetrics } from './observability/metrics.ts';

/** What every function that knows an account works with. */
export interface Base {
  readonly environment: Environment;
  readonly log: PowertoolsLog;
  readonly metrics: PowertoolsMetrics;
  readonly configuration: Cache<Configuration>;
}

/**
 * Reads the environment and makes what logs, counts and knows the configuration, which is not loaded yet.
 *
 * @param variables the environment variables
 * @param required those without a default that the function cannot do without
 * @throws Error on a bad environment: the function must not start
 */
export function createBase(variables: NodeJS.ProcessEnv, required?: readonly Variable[]): Base {
  const environment = parseEnvironment(variables, required);
  const log = new PowertoolsLog();
  const path = environment.configPath;
  const store = new ParameterStore(path);
  const configuration = new Cache({
    load: async () =>
      parseParameters(path, await store.load(), (problem) => log.warn('platform off', { problem })),
    onStale: (error, ageSeconds) => log.error('configuration not refreshed', error, { ageSeconds }),
  });
  return { environment, log, metrics: new PowertoolsMetrics(), configuration };
}
