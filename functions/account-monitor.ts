import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { AccountReport } from '../lib/account/report.ts';
import { startAccountService } from '../lib/account/service.ts';
import { asyncDoor } from '../lib/async-door.ts';

const service = startAccountService(process.env);

/** Time to write the reading and the metrics down, in ms. */
const MARGIN = 2_000;

/**
 * Every quarter of an hour: looks at the account, and writes metrics and a log line. Invoked with `{ "diagnose": true }` it answers what it
 * sees instead, for the command line, and writes nothing.
 */
export const handler = middy({ timeoutEarlyInMillis: 0 })
  .use(asyncDoor<AccountReport | undefined>(service.log))
  .handler(async (event: unknown, context: Context): Promise<AccountReport | undefined> => {
    const end = Date.now() + context.getRemainingTimeInMillis() - MARGIN;
    if ((event as { diagnose?: unknown } | null)?.diagnose === true) {
      return (await service.inspect(end)).report;
    }
    await service.watch(end);
    return undefined;
  });
