import type { Connector } from '../../lib/config/configuration.ts';
import { parametersOf, type WrittenParameter } from '../../lib/config/serialize.ts';
import type { StageParameters } from '../aws/stage-parameters.ts';
import { explain } from '../explain.ts';
import { assertType } from '../stored-type.ts';

/** A parameter beside what is stored of it. */
export interface Change {
  readonly wanted: WrittenParameter;
  /** The stored value; undefined if there is none. */
  readonly current: string | undefined;
  readonly state: 'new' | 'changed' | 'unchanged' | 'gets the other key';
}

/**
 * Compares a configuration with what is stored.
 *
 * @throws Error for a secret that is stored in the clear
 */
export async function compare(connector: Connector, parameters: StageParameters): Promise<Change[]> {
  const changes: Change[] = [];
  for (const parameter of parametersOf(connector)) {
    const stored = await parameters.read(parameter.name);
    assertType(parameters.path, parameter, stored);
    // What is no secret may be stored as one: AWS changes no type, and the functions read both.
    const isSecret = stored?.type === 'SecureString' || parameter.type === 'SecureString';
    const wanted: WrittenParameter = { ...parameter, type: isSecret ? 'SecureString' : 'String' };
    changes.push({ wanted, current: stored?.value, state: await stateOf(wanted, stored?.value, parameters) });
  }
  return changes;
}

async function stateOf(
  { name, type, value }: WrittenParameter,
  stored: string | undefined,
  parameters: StageParameters,
): Promise<Change['state']> {
  if (stored === undefined) return 'new';
  if (stored !== value) return 'changed';
  return type === 'SecureString' && (await parameters.hasOtherKey(name)) ? 'gets the other key' : 'unchanged';
}

/**
 * Writes parameters, the largest first: if one is refused for its size, it is before anything is written.
 *
 * @throws Error that names what was written and what was not
 */
export async function writeAll(
  wanted: readonly WrittenParameter[],
  parameters: Pick<StageParameters, 'put'>,
): Promise<void> {
  const size = ({ value }: WrittenParameter) => Buffer.byteLength(value);
  const sorted = wanted.toSorted((a, b) => size(b) - size(a));
  for (const [index, parameter] of sorted.entries()) {
    try {
      await parameters.put(parameter);
    } catch (error) {
      const names = (list: readonly WrittenParameter[]) =>
        list.map(({ name }) => name).join(', ') || 'nothing';
      throw new Error(
        `${explain(error)}; written: ${names(sorted.slice(0, index))}; not written: ${names(sorted.slice(index))}`,
        { cause: error },
      );
    }
  }
}
