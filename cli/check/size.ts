import type { Connector } from '../../lib/config/configuration.ts';
import { parametersOf } from '../../lib/config/serialize.ts';
import type { Problem } from './problem.ts';

/** What Parameter Store holds in a standard parameter and in an advanced one, in bytes. */
const STANDARD = 4_096;
const ADVANCED = 8_192;

/** Checks that each parameter of a configuration fits into Parameter Store, as it is written there: every `{{` takes 7 bytes. */
export function checkSizes(connector: Connector): Problem[] {
  return parametersOf(connector).flatMap(({ name, value }): Problem[] => {
    const size = Buffer.byteLength(value);
    if (size > ADVANCED) {
      const text = `takes ${size} bytes as it is stored, and Parameter Store holds ${ADVANCED} at most: shorten it`;
      return [{ level: 'error', path: name, text }];
    }
    return size > STANDARD
      ? [
          {
            level: 'warning',
            path: name,
            text: `takes ${size} bytes: over ${STANDARD} AWS bills 0.05 dollars a month`,
          },
        ]
      : [];
  });
}
