import type { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { RequestLog } from '../request-log.ts';
import type { Hello } from './contract.ts';
import type { Phone } from './phone.ts';
import type { FaultSwitches } from './switches.ts';
import type { Templates } from './templates.ts';

/** Whose changes a page is told. */
export interface Sources {
  readonly phone: Phone;
  readonly requests: RequestLog;
  readonly templates: Templates;
  readonly switches: FaultSwitches;
}

/**
 * Writes changes as server-sent events until the reader leaves. `hello` comes first. `accepted` and `changed` carry a message and its id;
 * `request` carries a request; `cleared`, `templates` and `switches` say that there is something to read again.
 */
export function streamEvents(response: ServerResponse, hello: Hello, sources: Sources): void {
  const { phone, requests, templates, switches } = sources;
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  const write = (event: string, data: unknown = null) => {
    const id = (data as { id?: unknown } | null)?.id;
    const named = typeof id === 'number' ? `id: ${id}\n` : '';
    response.write(`${named}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  response.write('retry: 1000\n\n'); // ms after which a browser connects again
  write('hello', hello);
  const ends = [
    forward(phone.events, 'accepted', write),
    forward(phone.events, 'changed', write),
    forward(phone.events, 'cleared', write),
    forward(requests.events, 'changed', (_, request) => write('request', request)),
    forward(templates.events, 'saved', () => write('templates')),
    forward(switches.events, 'changed', () => write('switches')),
  ];
  response.once('close', () => {
    for (const end of ends) end();
  });
}

/** Listens to an event. @returns ends it */
function forward<Events extends Record<keyof Events, unknown[]>>(
  emitter: EventEmitter<Events>,
  event: keyof Events & string,
  write: (event: string, data?: unknown) => void,
): () => void {
  const listener = (data?: unknown) => write(event, data);
  emitter.on(event as never, listener as never);
  return () => void emitter.off(event as never, listener as never);
}
