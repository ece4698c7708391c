import type { Configuration } from '../lib/config/configuration.ts';
import { isFinal } from '../lib/delivery/delivery.ts';
import type { Environment } from '../lib/environment.ts';
import type { StatusAnswer } from '../lib/smsaero/answer.ts';
import { SmsAeroClient } from '../lib/smsaero/client.ts';
import type { Followable } from './send/follow.ts';
import { stageOptions } from './stage-options.ts';
import { RUN } from './usage.ts';

/** Time for SMS Aero to answer, in ms. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Who asks SMS Aero for a message. */
export interface AskOptions {
  readonly configuration: Configuration;
  readonly environment: Environment;
  readonly stage: string;
  /** Whether it was sent in test mode (`sms/teststatus`). */
  readonly test: boolean;
  /** Whether it was sent to Telegram (`telegram/status`). */
  readonly telegram: boolean;
}

/** A message at SMS Aero, by its id. */
export interface MessageAtSmsAero extends Followable {
  /** What SMS Aero says of it; never throws. */
  status(): Promise<StatusAnswer>;
}

/** Makes what asks SMS Aero for a message. */
export function messageAt(
  messageId: string,
  { configuration, environment, stage, test, telegram }: AskOptions,
): MessageAtSmsAero {
  const client = new SmsAeroClient({ gates: environment.gates, test });
  const status = () => {
    const deadline = Date.now() + ANSWER_TIMEOUT_MS;
    return telegram
      ? client.telegramStatus(configuration, messageId, deadline)
      : client.status(configuration, messageId, deadline);
  };
  return {
    later: `${RUN} status ${messageId} ${stageOptions(stage)}${telegram ? ' --telegram' : ''}${test ? ' --test' : ''}`,
    status,
    async ask() {
      const answer = await status();
      if (answer.status !== 'known') return undefined;
      // An SMS follows what Telegram does not deliver: that is no end, until it is there.
      const isWaiting = telegram && answer.smsMessageId === undefined && answer.message !== 'delivered';
      return isWaiting && isFinal(answer.message) ? undefined : answer.message;
    },
  };
}
