import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import { orAbort, timeoutSignal } from './abort.ts';

/** An item as DynamoDB writes it. */
export type Item = Record<string, AttributeValue>;

/** An update of one item. */
export interface Update {
  readonly key: string;
  readonly expression: string;
  /** Names for placeholders `#name`. */
  readonly names: Record<string, string>;
  /** Values for placeholders `:name`. */
  readonly values: Item;
  readonly condition?: string;
  /** Whether the item after the change is not needed; DynamoDB then does not send it. */
  readonly returnNothing?: boolean;
}

/** The condition of a write did not hold. */
export class ConditionFailed extends Error {
  override readonly name = 'ConditionFailed';
  /** The item that the condition was tested on; undefined if there is none. */
  readonly item: Item | undefined;

  constructor(item: Item | undefined) {
    super('The condition of a write did not hold');
    this.item = item;
  }
}

/**
 * The least time for one attempt, in ms, from connecting until the answer begins. DynamoDB answers in under 10; a connection that swallows
 * bytes costs this once.
 */
const ATTEMPT_TIMEOUT_MS = 150;

/** The pause before another attempt, in ms: random up to 5, 10, 20, then 40. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 40;

/**
 * How long an idle connection is trusted, in ms of the wall clock. Lambda freezes the process between invocations: it does not see that the
 * other side closed a connection, or that a NAT gateway forgot it (after 350 s). A new connection costs a handshake of about 10 ms.
 */
const MAX_IDLE_MS = 30_000;

/** The service's table: one item a key, its partition key `pk`, its time to live `expiresAt` (s of the Unix epoch). */
export class Table {
  readonly #client: DynamoDBClient;
  readonly #connections = [
    new http.Agent({ keepAlive: true }),
    new https.Agent({ keepAlive: true }),
  ] as const;
  readonly #idleSince = new WeakMap<Duplex, number>();
  /** The table's name. */
  readonly name: string;
  readonly #timeoutMs: number;

  /**
   * @param name the table's name
   * @param timeoutMs time for a call that is given no signal, retries included, in ms
   */
  constructor(name: string, timeoutMs: number) {
    this.name = name;
    this.#timeoutMs = timeoutMs;
    const attemptTimeout = Math.max(ATTEMPT_TIMEOUT_MS, timeoutMs / 4);
    const [httpAgent, httpsAgent] = this.#connections;
    for (const agent of this.#connections) this.#noteIdle(agent);
    this.#client = new DynamoDBClient({
      maxAttempts: 1, // see run
      requestHandler: {
        connectionTimeout: attemptTimeout,
        requestTimeout: attemptTimeout,
        throwOnRequestTimeout: true,
        httpAgent,
        httpsAgent,
      },
    });
  }

  /**
   * Changes or makes an item.
   *
   * @returns the item after the change; nothing of it with `returnNothing`
   * @throws ConditionFailed
   */
  async update(update: Update, signal?: AbortSignal): Promise<Item> {
    const { key, expression, names, values, condition, returnNothing } = update;
    const input: UpdateItemCommandInput = {
      TableName: this.name,
      Key: { pk: { S: key } },
      UpdateExpression: expression,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
      ReturnValues: returnNothing ? 'NONE' : 'ALL_NEW',
      ...(condition
        ? { ConditionExpression: condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }
        : {}),
    };
    const command = new UpdateItemCommand(input);
    const { Attributes } = await this.run((client, options) => client.send(command, options), signal).catch(
      async (error: unknown) => {
        // DynamoDB returns the item with the failed condition; a server that does not is asked for it.
        throw isFailedCondition(error)
          ? new ConditionFailed(error.Item ?? (await this.get(key, signal)))
          : error;
      },
    );
    return Attributes ?? {};
  }

  /** The item as it is now; undefined if there is none. */
  async get(key: string, signal?: AbortSignal): Promise<Item | undefined> {
    const command = new GetItemCommand({
      TableName: this.name,
      Key: { pk: { S: key } },
      ConsistentRead: true,
    });
    const { Item: item } = await this.run((client, options) => client.send(command, options), signal);
    return item;
  }

  /**
   * Runs a command, again while it fails for a reason that may pass, until its time is over. The SDK's own retries end after a number of
   * attempts, and earlier when many calls fail: they protect DynamoDB, but what asks here is a protection itself.
   *
   * @param signal ends the call, in place of the table's own time-out
   * @throws the last error
   */
  async run<Output>(
    send: (client: DynamoDBClient, options: { abortSignal: AbortSignal }) => Promise<Output>,
    signal: AbortSignal = timeoutSignal(this.#timeoutMs),
  ): Promise<Output> {
    for (let longest = FIRST_PAUSE_MS; ; longest = Math.min(2 * longest, LONGEST_PAUSE_MS)) {
      this.#dropIdle(MAX_IDLE_MS);
      try {
        return await orAbort(send(this.#client, { abortSignal: signal }), signal);
      } catch (error) {
        if (signal.aborted || !isRetryable(error)) throw error;
        // Connections that were opened with the silent one may be as dead.
        if (error.name === 'TimeoutError') this.#dropIdle(0);
        await sleep(Math.random() * longest, undefined, { signal }).catch(() => {
          throw error; // rather than that the time is over
        });
      }
    }
  }

  #noteIdle(agent: http.Agent): void {
    const keep = agent.keepSocketAlive.bind(agent);
    agent.keepSocketAlive = (socket) => {
      this.#idleSince.set(socket, Date.now());
      return keep(socket);
    };
  }

  /** Closes connections that have been idle for longer. */
  #dropIdle(ms: number): void {
    const latest = Date.now() - ms;
    for (const { freeSockets } of this.#connections) {
      for (const socket of Object.values(freeSockets).flatMap((sockets) => sockets ?? [])) {
        if ((this.#idleSince.get(socket) ?? 0) <= latest) socket.destroy();
      }
    }
  }
}

function isFailedCondition(error: unknown): error is ConditionalCheckFailedException {
  return error instanceof ConditionalCheckFailedException;
}

function isRetryable(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const failure = error as Parameters<typeof isThrottlingError>[0];
  return isThrottlingError(failure) || isTransientError(failure) || isServerError(failure);
}
