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
  const told = [
    [phone.events, 'accepted', 'accepted'],
    [phone.events, 'changed', 'changed'],
    [phone.events, 'cleared', 'cleared'],
    [requests.events, 'changed', 'request'],
    [templates.events, 'saved', 'templates'],
    [switches.events, 'changed', 'switches'],
  ] as unknown as readonly [source: EventEmitter, event: string, name: string][];
  for (const [source, event, name] of told) {
    const listener = (data?: unknown) => write(name, data);
    source.on(event, listener);
    response.once('close', () => source.off(event, listener));
  }
}
