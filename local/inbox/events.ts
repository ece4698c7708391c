import type { ServerResponse } from 'node:http';
import type { Account, Message } from '../simulator/index.ts';

/**
 * Writes an account's messages as server-sent events until the reader goes away: `accepted` for a new message,
 * `changed` when its status moves, the message's JSON as data and its id as event id.
 */
export function streamEvents(account: Account, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  // Said at once, so that the reader knows it is connected; after a break it tries again in a second.
  response.write('retry: 1000\n\n');
  const writer = (event: string) => (message: Message) => {
    response.write(`id: ${message.id}\nevent: ${event}\ndata: ${JSON.stringify(message)}\n\n`);
  };
  const accepted = writer('accepted');
  const changed = writer('changed');
  account.events.on('accepted', accepted);
  account.events.on('changed', changed);
  response.once('close', () => {
    account.events.off('accepted', accepted);
    account.events.off('changed', changed);
  });
}
