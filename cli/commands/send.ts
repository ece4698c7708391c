import { USAGE_TYPES } from '../../lib/templates/template.ts';
import { requirePlatform } from '../platform-request.ts';
import { sendDeployed } from '../send/deployed.ts';
import { follow, messageAt } from '../send/follow.ts';
import { compose, recipientOf, sendStraight } from '../send/straight.ts';
import { loadStage, stageEnvironment } from '../stage-configuration.ts';
import type { Terminal } from '../terminal.ts';
import { didYouMean, EXIT, type StageOptions, UsageError } from '../usage.ts';

/** The options of `send`. */
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
  const configuration = await loadStage(stage);
  const types = [...new Set([...USAGE_TYPES, ...configuration.templates.map(({ usageType }) => usageType)])];
  if (!types.includes(type)) {
    throw new UsageError(
      `--type "${type}" is not a usage type (${types.join(', ')})${didYouMean(type, types)}`,
    );
  }
  const environment = stageEnvironment(stage);
  const test = { to, type, code, locale };
  if (url === undefined) {
    const sent = await sendStraight(test, { configuration, environment, stage, dryRun }, terminal);
    return (await follow(sent, timeout, terminal)) ? EXIT.done : EXIT.failed;
  }
  const digits = recipientOf(test, environment).number.slice(1);
  const sent = await sendDeployed(
    { ...test, to: digits },
    { configuration, stage, url, platform: played },
    terminal,
  );
  if (sent.as === 'unnamed') return EXIT.failed;
  const message =
    sent.as === 'delivery'
      ? sent.delivery
      : messageAt(sent.messageId, {
          configuration,
          environment,
          stage,
          test: false,
          telegram:
            compose({ ...test, type: sent.usageType }, configuration, environment).message.telegramCode !==
            undefined,
        });
  return (await follow(message, timeout, terminal)) ? EXIT.done : EXIT.failed;
}
