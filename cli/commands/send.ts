import { AWS_HELP, AWS_OPTIONS, defineCommand, EXIT, RUN, UsageError } from '../command.ts';
import { parseDuration } from '../format.ts';
import { messageAt } from '../message.ts';
import { sendDeployed } from '../send/deployed.ts';
import { follow } from '../send/follow.ts';
import { sendStraight } from '../send/straight.ts';
import { loadStage } from '../stage-configuration.ts';
import { stageEnvironment } from '../stage-environment.ts';

/** `send`: a test message, followed to its end. */
export const send = defineCommand({
  help: `Usage: ${RUN} send --to 79031234567 [--type SignIn] [--stage dev]

Sends a test message and follows it until it is delivered or not. It costs what a message costs.
Without --url it goes straight to SMS Aero with the stage's configuration, past the functions and their
limits; with --url through the deployed API, with the secret of the platform from Parameter Store.

  --to 79031234567        the recipient: a mobile phone of yours
  --type Generic          the usage type: which template
  --locale ru             the recipient's language
  --code 000000           the code in the text
  --dry-run               SMS Aero's test mode: checked there, neither sent nor paid for
  --url https://…         base URL of the deployed API
  --platform direct       with --url: the platform to play, direct or logto
  --timeout 2m            how long to follow it (s, m, h)
${AWS_HELP}

Exit code: 0 if it was delivered, 1 if not, or not within the time.`,
  options: {
    ...AWS_OPTIONS,
    to: { type: 'string' },
    type: { type: 'string', default: 'Generic' },
    locale: { type: 'string' },
    code: { type: 'string', default: '000000' },
    'dry-run': { type: 'boolean', default: false },
    url: { type: 'string' },
    platform: { type: 'string' },
    timeout: { type: 'string', default: '2m' },
  },
  async run({ stage, to, type, locale, code, url, ...rest }, _positionals, terminal) {
    const dryRun = rest['dry-run'];
    const { platform = 'direct' } = rest;
    const timeout = parseDuration(rest.timeout);
    if (to === undefined) throw new UsageError('--to is missing: whom to send it to');
    if (timeout === undefined) throw new UsageError('--timeout must be a time such as 90s or 2m');
    if (dryRun && url !== undefined) throw new UsageError('--dry-run is for SMS Aero itself, without --url');
    if (platform !== 'direct' && platform !== 'logto')
      throw new UsageError('--platform must be direct or logto');
    if (rest.platform !== undefined && url === undefined) throw new UsageError('--platform needs --url');

    const configuration = await loadStage(stage);
    const environment = stageEnvironment(stage);
    const test = { to, type, code, locale };
    if (url === undefined) {
      const sent = await sendStraight(test, { configuration, environment, stage, dryRun }, terminal);
      return (await follow(sent, timeout, terminal)) ? EXIT.done : EXIT.failed;
    }
    const sent = await sendDeployed(test, { configuration, stage, url, platform }, terminal);
    const message =
      'deliveryId' in sent
        ? sent.deliveryId
        : messageAt(sent.messageId, { configuration, environment, stage, test: false });
    return (await follow(message, timeout, terminal)) ? EXIT.done : EXIT.failed;
  },
});
