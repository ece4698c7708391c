import { Cache, timesFor } from '../config/cache.ts';
import { ParameterStore } from '../config/parameter-store.ts';
import { parseParameters } from '../config/parameters.ts';
import { parseEnvironment, type Variable } from '../environment.ts';
import { PowertoolsLog } from '../observability/logger.ts';
import { PowertoolsMetrics } from '../observability/metrics.ts';

/** The parts that every function with a configuration has. */
export type BaseService = ReturnType<typeof createBase>;

/** Wires logs, metrics and the configuration, which is not loaded yet. */
export function createBase(variables: NodeJS.ProcessEnv, required?: readonly Variable[]) {
  const environment = parseEnvironment(variables, required);
  const log = new PowertoolsLog();
  const path = environment.configPath;
  const store = new ParameterStore(path);
  const configuration = new Cache({
    load: async () =>
      parseParameters(path, await store.load(), (problem) => log.warn('platform off', { problem })),
    onStale: (error, ageSeconds) => log.error('configuration not refreshed', error, { ageSeconds }),
    times: timesFor(environment.configRefresh * 1_000),
  });
  return { environment, log, metrics: new PowertoolsMetrics(), configuration };
}
