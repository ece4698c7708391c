import { callSignal } from '../abort.ts';
import type { Item, Table } from '../dynamodb.ts';
import type { Log } from '../observability/logger.ts';
import type { PowertoolsMetrics } from '../observability/metrics.ts';
import { type AddressProblem, addressGroups } from './address.ts';

/** Key of the item that says which platforms' addresses could not be counted: one attribute a platform. */
export const ADDRESS_NOTICES_KEY = 'notice#addresses';

/** How long a notice is of interest after it was last written, in s: a day. */
const NOTICE_TTL_S = 86_400;

/** The longest that a message waits for the notice, in ms. */
const NOTICE_TIMEOUT_MS = 500;

/** Pause between two writes of a process about the same platform, in ms. */
const NOTICE_INTERVAL_MS = 3_600_000;

/** That client addresses of a platform could not be counted. */
export interface AddressNotice {
  readonly platform: string;
  readonly problem: AddressProblem;
  /** When it was last seen, in s of the Unix epoch, up to an hour late. */
  readonly seenAt: number;
}

export interface AddressNoticesOptions {
  readonly table: Pick<Table, 'update'>;
  readonly log: Log;
  readonly metrics: Pick<PowertoolsMetrics, 'addressUnusable'>;
}

/**
 * Tells that the limit by address does not hold, where a platform gives addresses that cannot be counted: each in a metric, once a process in the
 * log, once an hour and process in the table, where `doctor` finds it. No address is written anywhere.
 */
export class AddressNotices {
  readonly #options: AddressNoticesOptions;
  /** When each platform's problem was last written, in ms of the Unix epoch. */
  readonly #writtenAt = new Map<string, number>();

  constructor(options: AddressNoticesOptions) {
    this.#options = options;
  }

  /**
   * Looks at the client address of a message.
   *
   * @param address as the platform wrote it; undefined if it gave none
   * @param now ms of the Unix epoch
   * @param deadline until when a write may take, in ms of the Unix epoch
   * @returns resolves when what is to be written is written, or could not be; never rejects
   */
  async look(
    platform: string,
    address: string | undefined,
    now: number,
    deadline = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    const problem = addressGroups(address)?.problem;
    if (problem === undefined) {
      return;
    }
    const { table, log, metrics } = this.#options;
    metrics.addressUnusable(problem);
    const name = `${platform} ${problem}`;
    const writtenAt = this.#writtenAt.get(name);
    if (writtenAt === undefined) {
      log.warn('address unusable', { platform, reason: problem });
    }
    if (writtenAt !== undefined && now - writtenAt < NOTICE_INTERVAL_MS) {
      return;
    }
    this.#writtenAt.set(name, now);
    const seenAt = Math.floor(now / 1000);
    try {
      const update = {
        key: ADDRESS_NOTICES_KEY,
        expression: 'SET #platform = :notice, #expiresAt = :expiresAt',
        names: { '#platform': platform, '#expiresAt': 'expiresAt' },
        values: {
          ':notice': { S: `${problem} ${seenAt}` },
          ':expiresAt': { N: String(seenAt + NOTICE_TTL_S) },
        },
      };
      await table.update(update, callSignal(deadline, Date.now() + NOTICE_TIMEOUT_MS));
    } catch (error) {
      log.error('address notice not written', error, { platform });
    }
  }
}

/**
 * Reads the item of {@link ADDRESS_NOTICES_KEY}.
 *
 * @param now ms of the Unix epoch: DynamoDB removes an item up to days after its time
 * @returns notices of the last day
 */
export function readAddressNotices(item: Item | undefined, now: number): AddressNotice[] {
  const attributes = Object.entries(item ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return attributes.flatMap(([platform, { S: text = '' }]): AddressNotice[] => {
    const [, problem, seconds] = /^(private|unparseable) (\d+)$/.exec(text) ?? [];
    const seenAt = Number(seconds);
    return problem !== undefined && seenAt > now / 1000 - NOTICE_TTL_S
      ? [{ platform, problem: problem as AddressProblem, seenAt }]
      : [];
  });
}
