import { type DeliveryState, isFinal } from '../../lib/delivery/delivery.ts';
import type { Fields } from '../../lib/json.ts';
import type { StatusAnswer } from '../../lib/smsaero/answer.ts';
import { SmsAeroClient } from '../../lib/smsaero/client.ts';
import { formatDuration } from '../format.ts';
import type { LoadedStage } from '../stage-configuration.ts';
import { stageOptions } from '../stage-options.ts';
import type { Terminal } from '../terminal.ts';
import { RUN } from '../usage.ts';

/** Pause between two questions, in ms: at first people watch, later it is the operator's turn. */
const PAUSES = { first: 1_000, later: 5_000 } as const;
const FIRST_TIME = 20_000;

/** A message whose state can be asked for. */
export interface Followable {
  /** The state now; undefined if it cannot be told now. */
  ask(): Promise<DeliveryState | undefined>;
  /** What continues to ask after the end of this run: a command. */
  readonly later: string;
  /** What `--json` prints of it, beside its state: ids, cost in roubles. */
  readonly facts: Fields;
}

/**
 * Follows a message until nothing comes after its state, or the time is over. A line for each new state; on a terminal, between them, one that
 * is written over.
 *
 * @param timeout ms
 * @returns whether it was delivered
 */
export async function follow(message: Followable, timeout: number, terminal: Terminal): Promise<boolean> {
  const { clock } = terminal.io;
  const begun = clock.now();
  let last: DeliveryState | undefined;
  const end = (delivered: boolean) => {
    terminal.result({ ...message.facts, state: last ?? null, delivered });
    return delivered;
  };
  for (;;) {
    const state = (await message.ask()) ?? last;
    const age = clock.now() - begun;
    if (state !== undefined && state !== last) {
      last = state;
      terminal.print(`${formatDuration(age).padStart(6)}  ${colourOf(state, terminal)}${hintOn(state)}`);
    }
    if (last !== undefined && (isFinal(last) || last === 'failed')) return end(last === 'delivered');
    const pause = age < FIRST_TIME ? PAUSES.first : PAUSES.later;
    if (age + pause > timeout) {
      terminal.print(
        `No final status within ${formatDuration(timeout)}: ${last ?? 'nothing is known'}. Ask later: ${message.later}`,
      );
      return end(false);
    }
    terminal.live(`${last ?? 'waiting'}, ${formatDuration(age)}`);
    await clock.sleep(pause);
  }
}

function colourOf(state: DeliveryState, terminal: Terminal): string {
  if (state === 'delivered') return terminal.style('green', state);
  return isFinal(state) || state === 'failed' ? terminal.style('red', state) : state;
}

function hintOn(state: DeliveryState): string {
  switch (state) {
    case 'moderation':
      return ': SMS Aero looks at it by hand, which takes 5 to 10 minutes until there is a contract';
    case 'rejected':
      return ': by the operator or SMS Aero; under a shared sender name operators reject codes';
    case 'undelivered':
      return ': the phone is off, or the number is not in use';
    default:
      return '';
  }
}

/** Time for SMS Aero to answer, in ms. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * A message at SMS Aero, by its id. `status` asks what SMS Aero says of it; it never throws.
 *
 * @param sent whether it was sent in test mode (`sms/teststatus`), or to Telegram (`telegram/status`)
 */
export function messageAt(
  messageId: string,
  { stage, configuration, environment }: LoadedStage,
  { test = false, telegram = false }: { test?: boolean; telegram?: boolean },
): Followable & { status(): Promise<StatusAnswer> } {
  const client = new SmsAeroClient({ gates: environment.gates, test });
  const status = () => {
    const deadline = Date.now() + ANSWER_TIMEOUT_MS;
    return telegram
      ? client.telegramStatus(configuration, messageId, deadline)
      : client.status(configuration, messageId, deadline);
  };
  return {
    facts: { messageId },
    later: `${RUN} status ${messageId} ${stageOptions(stage)}${telegram ? ' --telegram' : ''}${test ? ' --test' : ''}`,
    status,
    async ask() {
      const answer = await status();
      if (answer.status !== 'known') return undefined;
      // An SMS follows what Telegram does not deliver: that is not the end until it is there.
      const isWaiting = telegram && answer.smsMessageId === undefined && answer.message !== 'delivered';
      return isWaiting && isFinal(answer.message) ? undefined : answer.message;
    },
  };
}
