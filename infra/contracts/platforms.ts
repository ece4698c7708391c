import { PLATFORMS } from '../../lib/platforms/index.ts';
import type { PlatformContract } from '../../lib/platforms/platform.ts';

/** A platform with what its file says of it. */
export interface DescribedPlatform {
  readonly name: string;
  readonly contract: PlatformContract;
}

/**
 * All platforms in the order of their list.
 *
 * @throws Error that names a file without the function `contract`
 */
export const DESCRIBED_PLATFORMS: readonly DescribedPlatform[] = await Promise.all(
  PLATFORMS.map(async ({ name }) => {
    const file = `lib/platforms/${name}.ts`;
    const module: { contract?: () => PlatformContract } = await import(`../../${file}`);
    if (!module.contract) {
      throw new Error(`${file} exports no function contract: docs/openapi.json is made of it`);
    }
    return { name, contract: module.contract() };
  }),
);
