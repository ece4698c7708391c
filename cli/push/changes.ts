import { randomBytes } from 'node:crypto';
import { type Connector, hashKeySchema } from '../../lib/config/configuration.ts';
import { parametersOf, type WrittenParameter } from '../../lib/config/parameters.ts';
import type { StageParameters } from '../aws/stage-parameters.ts';
import { explain } from '../explain.ts';

/** A parameter beside what is stored of it. */
export interface Change {
  readonly wanted: WrittenParameter;
  /** The stored value; undefined if there is none. */
  readonly current: string | undefined;
  readonly state: 'new' | 'changed' | 'unchanged' | 'gets the other key';
}

/** The parameter that no file has: made once, and kept however often the API key changes. */
export const HASH_KEY = 'hashKey';

/**
 * Compares a configuration with what is stored. A stage without a hash key, or with one that the functions refuse, gets a random one.
 *
 * @throws Error for a secret that is stored in the clear
 */
export async function compare(connector: Connector, parameters: StageParameters): Promise<Change[]> {
  const changes: Change[] = [];
  for (const parameter of [...parametersOf(connector), { name: HASH_KEY, type: 'SecureString' } as const]) {
    const { name, type } = parameter;
    const stored = await (type === 'SecureString' ? parameters.readSecret(name) : parameters.read(name));
    // A value that is not secret may be stored as a secret: AWS changes no type, and the functions read both.
    const isSecret = stored?.type === 'SecureString' || type === 'SecureString';
    const wanted: WrittenParameter = {
      name,
      type: isSecret ? 'SecureString' : 'String',
      value: 'value' in parameter ? parameter.value : hashKeyOf(stored?.value),
    };
    changes.push({ wanted, current: stored?.value, state: await stateOf(wanted, stored?.value, parameters) });
  }
  return changes;
}

function hashKeyOf(stored: string | undefined): string {
  const isUsable = stored !== undefined && hashKeySchema.safeParse(stored).success;
  return isUsable ? stored : randomBytes(32).toString('base64url');
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
 * Writes parameters, the largest first: if one is refused for its size, it is before anything is written. What is new is not written over
 * what somebody else wrote meanwhile: of two hash keys one would be forgotten.
 *
 * @throws Error that names what was written and what was not
 */
export async function writeAll(
  changes: readonly Change[],
  parameters: Pick<StageParameters, 'put'>,
): Promise<void> {
  const size = ({ wanted }: Change) => Buffer.byteLength(wanted.value);
  const sorted = changes.toSorted((a, b) => size(b) - size(a));
  for (const [index, { wanted, state }] of sorted.entries()) {
    try {
      await parameters.put(wanted, state !== 'new');
    } catch (error) {
      const names = (list: readonly Change[]) => list.map((each) => each.wanted.name).join(', ') || 'nothing';
      throw new Error(
        `${explain(error)}; written: ${names(sorted.slice(0, index))}; not written: ${names(sorted.slice(index))}`,
        { cause: error },
      );
    }
  }
}
