import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { Account } from './account.ts';
import { acceptConnections } from './connections.ts';
import type { Answer, Reply } from './envelope.ts';
import type { RequestFault } from './faults/kinds.ts';
import { FaultQueue } from './faults/queue.ts';
import { bentReply, isAccepting, pinnedStatus, replacementReply } from './faults/replies.ts';
import { writeReply } from './faults/wire.ts';
import { type LedgerEntry, recordArrival } from './ledger.ts';
import { callMethod } from './methods/index.ts';
import { type ApiRequest, readRequest, textOf } from './request.ts';
import { recipientsOf } from './send-parameters.ts';

/** How a gate is opened. */
export interface GateOptions {
  /** Name in the ledger. Default: `gate-PORT`. */
  name?: string;
  /** Address to bind. Default: `127.0.0.1`. */
  host?: string;
  /** TCP port. Default: 0 (any free one). */
  port?: number;
  /** PEM key and certificate: the gate then speaks HTTPS only. */
  tls?: { key: string; cert: string };
}

/** A running gate. */
export interface Gate {
  /** `http(s)://127.0.0.1:PORT/v2`, to be used as one of `SMSAERO_GATES`. */
  url: string;
  port: number;
  name: string;
  /** What goes wrong here, and when. */
  faults: FaultQueue;
  /** Closes connections that wait for a request: faults of connections strike new ones only. */
  dropConnections(): void;
  /** Refuses connections (true), or accepts them again (false). */
  setDown(isDown: boolean): void;
  /** Stops at once, with connections open and answers owed. */
  close(): Promise<void>;
}

interface Turn {
  request: ApiRequest;
  fault: RequestFault | undefined;
  entries: LedgerEntry[];
}

// Only messages that would be sent are in the ledger: those of the test modes are not.
function arrive(account: Account, request: ApiRequest, name: string, faults: FaultQueue): Turn {
  const numbers = recipientsOf(request.parameters);
  const text = textOf(request.parameters, 'text') ?? '';
  const from = textOf(request.parameters, 'sign') ?? '';
  const fault = faults.takeForRequest({ method: request.method, number: numbers.join(), text, from });
  const isTelegram = request.method === 'telegram/send';
  const entries =
    request.method !== 'sms/send' && !isTelegram
      ? []
      : numbers.map((number) =>
          recordArrival(account.ledger, {
            gate: name,
            at: account.now(),
            number,
            text,
            from,
            ...(isTelegram ? { telegramCode: textOf(request.parameters, 'code') ?? '' } : {}),
            ...(fault ? { fault: fault.fault } : {}),
          }),
        );
  return { request, fault, entries };
}

function complete(entries: LedgerEntry[], answer: Answer | undefined): void {
  for (const [index, entry] of entries.entries()) {
    const message = answer?.accepted?.[index];
    entry.outcome = message ? 'accepted' : 'refused';
    if (message) entry.messageId = message.id;
  }
}

function decide(account: Account, gate: string, { request, fault, entries }: Turn): Reply {
  const status = pinnedStatus(fault);
  const accepting = fault === undefined || isAccepting(fault);
  const answer = accepting
    ? callMethod(account, request, { gate, ...(status === undefined ? {} : { status }) })
    : undefined;
  complete(entries, answer);
  const replacement = fault && replacementReply(fault);
  if (replacement) return replacement;
  if (!answer) throw new Error(`The fault ${fault?.fault} neither accepts nor replies`);
  return bentReply(answer, fault);
}

/**
 * Opens a gate of SMS Aero API v2 for an account. Several gates may share one account, and a gate speaks plain HTTP
 * or HTTPS.
 * @throws when the port is in use (`code: 'EADDRINUSE'`).
 */
export async function startGate(account: Account, options: GateOptions = {}): Promise<Gate> {
  const { host, port, tls } = options;
  const closing = new AbortController();
  const gate = { name: options.name ?? '', tls: tls !== undefined };
  const faults = new FaultQueue(gate);

  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const { socket } = incoming;
    const turn = arrive(account, await readRequest(incoming), gate.name, faults);
    const reply: Reply =
      turn.fault?.fault === 'reset_before_acceptance'
        ? { status: 0, headers: {}, body: '' }
        : decide(account, gate.name, turn);
    await account.reports.beforeAnswer(turn.entries.flatMap(({ messageId }) => messageId ?? []));
    const answered = () => {
      for (const entry of turn.entries) entry.answered = true;
    };
    const wire = { response, reset: () => connections.reset(socket), signal: closing.signal, answered };
    await writeReply(wire, reply, turn.fault);
  };
  const onRequest = (incoming: IncomingMessage, response: ServerResponse) => {
    serve(incoming, response).catch((error: unknown) => {
      // A client that went away, or a gate that closes, has no use for an answer.
      if (closing.signal.aborted || incoming.destroyed || response.destroyed) return;
      throw error;
    });
  };

  const server = tls ? https.createServer(tls, onRequest) : http.createServer(onRequest);
  const connections = await acceptConnections(server, faults, {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    tls: gate.tls,
  });
  gate.name ||= `gate-${connections.port}`;
  return {
    url: `${tls ? 'https' : 'http'}://${connections.authority}/v2`,
    port: connections.port,
    name: gate.name,
    faults,
    dropConnections: connections.drop,
    setDown: (isDown) => (isDown ? connections.shut() : connections.open()),
    async close() {
      closing.abort();
      await connections.close();
    },
  };
}
