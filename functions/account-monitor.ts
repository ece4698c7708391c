import type { ScheduledEvent } from 'aws-lambda';
import type { AccountReport } from '../lib/account/inspect-account.ts';
import { asyncHandler } from '../lib/handler.ts';
import { startAccountService } from '../lib/services/account.ts';

const service = startAccountService(process.env);

/** What the command line sends instead of the schedule's event. */
interface DiagnoseEvent {
  readonly diagnose: true;
}

/**
 * Every quarter of an hour: looks at the account, and writes metrics and a log line. Invoked with `{ "diagnose": true }` it answers what it
 * sees instead, for the command line, and writes nothing.
 */
export const handler = asyncHandler(
  { log: service.log, shutdownMarginMs: 2_000 }, // for the reading and the metrics to be written
  async (event: ScheduledEvent | DiagnoseEvent, { deadline }): Promise<AccountReport | undefined> => {
    if ('diagnose' in event && event.diagnose) {
      return (await service.inspect(deadline)).report;
    }
    await service.watch(deadline);
    return undefined;
  },
);
