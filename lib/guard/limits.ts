const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What the environment says about rates: numbers of messages, 0 for "no limit". */
export interface RateSettings {
  /** Seconds between two messages to one recipient. */
  readonly recipientInterval: number;
  readonly recipientPer10Minutes: number;
  readonly recipientPerDay: number;
  /** Messages an hour that one client address (IPv6: one /64) may cause. */
  readonly addressPerHour: number;
  /** Messages an hour to one block of 1,000 neighbouring numbers. */
  readonly blockPerHour: number;
  /** Messages an hour altogether. */
  readonly totalPerHour: number;
}

/** At most `count` messages in any `span` of ms. */
export interface Window {
  readonly count: number;
  readonly span: number;
}

/** What a limit is counted by. */
export type LimitName = 'recipient' | 'address' | 'block' | 'total';

/** The sliding windows of each limit; a limit without windows is off. */
export function windowsOf(
  settings: RateSettings,
): Readonly<Record<Exclude<LimitName, 'total'>, readonly Window[]>> {
  const on = (windows: readonly Window[]) => windows.filter(({ count, span }) => count > 0 && span > 0);
  return {
    recipient: on([
      { count: 1, span: settings.recipientInterval * SECOND },
      { count: settings.recipientPer10Minutes, span: 10 * MINUTE },
      { count: settings.recipientPerDay, span: DAY },
    ]),
    address: on([{ count: settings.addressPerHour, span: HOUR }]),
    block: on([{ count: settings.blockPerHour, span: HOUR }]),
  };
}
