import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { Account, LedgerEntry } from './account.ts';
import { acceptConnections, type Connections } from './connections.ts';
import type { Reply } from './envelope.ts';
import { FaultQueue } from './faults/queue.ts';
import { bentReply, isAccepting, PINNED, replacementReply } from './faults/replies.ts';
import { writeReply } from './faults/wire.ts';
import { callMethod } from './methods.ts';
import { type ApiRequest, readRequest, textOf } from './request.ts';

interface GateOptions {
  /** Name in the ledger. Default: `gate-PORT`. */
  name?: string;
  port?: number;
  /** PEM key and certificate: the gate then speaks HTTPS only. */
  tls?: { key: string; cert: string };
}

export interface Gate extends Pick<Connections, 'port' | 'dropConnections' | 'setDown'> {
  /** `http(s)://127.0.0.1:PORT/v2`, to be used as one of `SMSAERO_GATES`. */
  url: string;
  name: string;
  /** What goes wrong here, and when. */
  faults: FaultQueue;
  /** Stops at once, with connections open and answers owed. */
  close(): Promise<void>;
}

/**
 * Opens a gate of SMS Aero API v2 for an account, which several may share.
 *
 * @throws when the port is in use (`code: 'EADDRINUSE'`).
 */
export async function startGate(account: Account, options: GateOptions = {}): Promise<Gate> {
  const { port = 0, tls } = options;
  const closing = new AbortController();
  const faults = new FaultQueue(tls !== undefined);

  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const { socket } = incoming;
    const request = await readRequest(incoming);
    const fault = faults.takeForRequest({
      method: request.method,
      number: textOf(request.parameters, 'number') ?? '',
    });
    const entry = recordArrival(account, request, name, fault?.fault);
    let reply: Reply = { status: 0, headers: {}, body: '' };
    if (fault?.fault !== 'reset_before_acceptance') {
      const accepting = fault === undefined || isAccepting(fault);
      const answer = accepting
        ? callMethod(account, request, { gate: name, status: fault && PINNED[fault.fault] })
        : undefined;
      entry.outcome = answer?.accepted ? 'accepted' : 'refused';
      if (answer?.accepted) {
        entry.messageId = answer.accepted.id;
        await account.reports.beforeAnswer(entry.messageId);
      }
      const replacement = fault && replacementReply(fault);
      if (replacement) reply = replacement;
      else if (answer) reply = bentReply(answer, fault);
      else throw new Error(`The fault ${fault?.fault} neither accepts nor replies`);
    }
    const answered = () => {
      entry.answered = true;
    };
    const wire = { response, reset: () => connections.reset(socket), signal: closing.signal, answered };
    await writeReply(wire, reply, fault);
  };
  const onRequest = (incoming: IncomingMessage, response: ServerResponse) => {
    serve(incoming, response).catch((error: unknown) => {
      // A client that went away, or a gate that closes, has no use for an answer.
      if (closing.signal.aborted || incoming.destroyed || response.destroyed) return;
      throw error;
    });
  };

  const server = tls ? https.createServer(tls, onRequest) : http.createServer(onRequest);
  const connections = await acceptConnections(server, faults, port, tls !== undefined);
  const name = options.name ?? `gate-${connections.port}`;
  return {
    ...connections,
    url: `${tls ? 'https' : 'http'}://${connections.authority}/v2`,
    name,
    faults,
    async close() {
      closing.abort();
      await connections.close();
    },
  };
}

/** Notes a request as `lost` and unanswered, until it is decided. Only what would be sent is in the ledger: the test modes are not. */
function recordArrival(
  account: Account,
  { method, parameters }: ApiRequest,
  gate: string,
  fault: string | undefined,
): LedgerEntry {
  const entry: LedgerEntry = {
    sequence: account.ledger.length + 1,
    gate,
    at: account.now(),
    number: textOf(parameters, 'number') ?? '',
    text: textOf(parameters, 'text') ?? '',
    from: textOf(parameters, 'sign') ?? '',
    ...(method === 'telegram/send' ? { telegramCode: textOf(parameters, 'code') ?? '' } : {}),
    ...(fault ? { fault } : {}),
    outcome: 'lost',
    answered: false,
  };
  if (method === 'sms/send' || method === 'telegram/send') account.ledger.push(entry);
  return entry;
}
