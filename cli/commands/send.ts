import { USAGE_TYPES } from '../../lib/templates/template.ts';
import { type PlayedPlatform, sendDeployed } from '../send/deployed.ts';
import { follow, messageAt } from '../send/follow.ts';
import { compose, sendStraight } from '../send/straight.ts';
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
  readonly platform?: PlayedPlatform;
  /** ms. */
  readonly timeout: number;
}

/** `send`: a test message, followed to its end. */
export async function send(
  { stage, to, type, locale, code, dryRun = false, url, platform, timeout }: SendOptions,
  terminal: Terminal,
): Promise<number> {
  if (platform !== undefined && url === undefined) throw new UsageError('--platform needs --url');
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
  const sent = await sendDeployed(
    test,
    { configuration, stage, url, platform: platform ?? 'direct' },
    terminal,
  );
  const message =
    'deliveryId' in sent
      ? sent.deliveryId
      : messageAt(sent.messageId, {
          configuration,
          environment,
          stage,
          test: false,
          telegram: compose(test, configuration, environment).message.telegramCode !== undefined,
        });
  return (await follow(message, timeout, terminal)) ? EXIT.done : EXIT.failed;
}
