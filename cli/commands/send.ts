import { USAGE_TYPES } from '../../lib/templates/template.ts';
import { requirePlatform } from '../platform-request.ts';
import { sendDeployed } from '../send/deployed.ts';
import { follow } from '../send/follow.ts';
import { sendStraight } from '../send/straight.ts';
import { loadStage } from '../stage-configuration.ts';
import type { Terminal } from '../terminal.ts';
import { didYouMean, EXIT, type StageOptions, UsageError } from '../usage.ts';

interface SendOptions extends StageOptions {
  readonly to: string;
  readonly type: string;
  readonly locale?: string;
  readonly code: string;
  readonly dryRun?: boolean;
  readonly url?: string;
  readonly platform?: string;
  /** ms. */
  readonly timeout: number;
}

/** `send`: a test message, followed to its end. */
export async function send(
  { stage, to, type, locale, code, dryRun = false, url, platform, timeout }: SendOptions,
  terminal: Terminal,
): Promise<number> {
  if (platform !== undefined && url === undefined) throw new UsageError('--platform needs --url');
  const played = requirePlatform(platform ?? 'direct');
  const loaded = await loadStage(stage);
  const own = loaded.configuration.templates.map(({ usageType }) => usageType);
  const types = [...new Set([...USAGE_TYPES, ...own])];
  if (!types.includes(type)) {
    throw new UsageError(
      `--type "${type}" is not a usage type (${types.join(', ')})${didYouMean(type, types)}`,
    );
  }
  const test = { to, type, code, locale };
  const sent =
    url === undefined
      ? await sendStraight(test, loaded, dryRun, terminal)
      : await sendDeployed(test, loaded, url, played, terminal);
  return sent && (await follow(sent, timeout, terminal)) ? EXIT.done : EXIT.failed;
}
