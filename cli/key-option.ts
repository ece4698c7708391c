import type { ParseArgsOptionsConfig } from 'node:util';
import { UsageError } from './command.ts';

/** What every command takes that writes secrets. */
export const KEY_OPTION = { 'key-alias': { type: 'string' } } as const satisfies ParseArgsOptionsConfig;

/** The line on {@link KEY_OPTION} in a help text. */
export const KEY_HELP =
  '  --key-alias alias/mine  KMS key of what is secret, if not the one it has: as the parameter parameterKeyAlias';

/** @throws UsageError for what is no alias: the functions' roles know the key by that alone */
export function keyAliasOf(values: { readonly 'key-alias'?: string | undefined }): string | undefined {
  const alias = values['key-alias'];
  if (alias !== undefined && !/^alias\/[\w/-]+$/.test(alias)) {
    throw new UsageError('--key-alias must be the alias of a KMS key, such as alias/mine');
  }
  return alias;
}
