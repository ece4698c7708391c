import type { Variable } from '../environment.ts';
import { createBase } from './base.ts';

/**
 * Wires a function that sends, loads its configuration and connects to the guard's table and to the first gate.
 *
 * Await it while the function initialises: the first request then finds the configuration loaded, and a process that is frozen
 * right after its start (provisioned concurrency) holds no half-open call. A load that fails here is tried again by the first
 * request, which can answer for it.
 *
 * @param required those without a default that the function cannot do without
 * @throws Error on a bad environment: the function must not start
 */
export async function startService(variables: NodeJS.ProcessEnv, required?: readonly Variable[]) {
  const base = createBase(variables, required);
  const loaded = base.configuration.warm();
  // Half of the code, which takes about 20 ms to load: it does while Parameter Store is asked.
  const { createMessagePath } = await import('./message-path.ts');
  const { ready, ...path } = createMessagePath(base);
  await Promise.all([loaded, ready]);
  return { ...base, ...path };
}
