import type { WrittenParameter } from '../lib/config/serialize.ts';
import type { StoredParameter } from './aws/stage-parameters.ts';

/**
 * A secret that is stored as a plain String is there for everybody to read who may list parameters, and AWS refuses to change the type.
 *
 * @throws Error that says what to do
 */
export function assertType(
  path: string,
  { name, type }: Pick<WrittenParameter, 'name' | 'type'>,
  stored: StoredParameter | undefined,
): void {
  if (type === 'SecureString' && stored && stored.type !== type) {
    const again =
      name === 'hashKey' ? 'push again, which makes another one' : 'write it again with its value';
    throw new Error(
      `${path}/${name} is stored as a plain ${stored.type}, and AWS changes no type: delete it (aws ssm delete-parameter --name ${path}/${name}), then ${again}; nothing was written`,
    );
  }
}
