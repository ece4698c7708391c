import { randomUUID } from 'node:crypto';
import { arn } from '../aws-account.ts';
import type { Clock } from '../clock.ts';
import { invalidParameter } from './errors.ts';
import type { Depth, QueueMessage, ReceivedMessage, SendOptions } from './message.ts';
import { makeHandle, readHandle } from './receipt.ts';

/** How long SQS hides a message at most after it was received, s. */
const MAX_VISIBILITY = 43_200;

type Kept = { -readonly [Name in keyof QueueMessage]: QueueMessage[Name] } & {
  visibleAt: number;
  receivedAt: number;
  /** The last receipt, which alone can delete it. */
  receipt?: string;
  cancelWake?: () => void;
};

/** What of it others see, as it is now. */
function shown({ visibleAt, receivedAt, receipt, cancelWake, ...message }: Kept): QueueMessage {
  return message;
}

/** A standard queue. Its messages come in the order in which they were sent, which SQS does not promise. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly clock: Clock;
  /** How long a received message is hidden unless told otherwise, s. */
  readonly visibilityTimeout: number;
  /** Takes what was received so often to no avail. */
  redrive: { readonly queue: Queue; readonly maxReceiveCount: number } | undefined;
  readonly #messages = new Map<string, Kept>();
  readonly #listeners = new Set<() => void>();

  constructor(name: string, clock: Clock, visibilityTimeout: number) {
    this.name = name;
    this.arn = arn('sqs', name);
    this.clock = clock;
    this.visibilityTimeout = visibilityTimeout;
  }

  /** What lies in it, received or not, oldest first. */
  get messages(): readonly QueueMessage[] {
    return Array.from(this.#messages.values(), shown);
  }

  get depth(): Depth {
    const now = this.clock.now();
    const hidden = [...this.#messages.values()].filter(({ visibleAt }) => visibleAt > now);
    const delayed = hidden.filter(({ receiveCount }) => receiveCount === 0).length;
    return { visible: this.#messages.size - hidden.length, notVisible: hidden.length - delayed, delayed };
  }

  /** Calls back, in a microtask of its own, after a message became visible. @returns what ends it */
  onVisible(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  send(body: string, { messageAttributes = {}, delaySeconds = 0 }: SendOptions = {}): QueueMessage {
    const now = this.clock.now();
    return this.#keep({
      messageId: randomUUID(),
      body,
      messageAttributes,
      sentAt: now,
      receiveCount: 0,
      firstReceivedAt: undefined,
      visibleAt: now + delaySeconds * 1000,
      receivedAt: 0,
    });
  }

  /** Takes messages and hides them; those that were received too often go to the dead letters instead. */
  receive(most: number, visibilityTimeout = this.visibilityTimeout): ReceivedMessage[] {
    const now = this.clock.now();
    const received: ReceivedMessage[] = [];
    for (const message of this.#messages.values()) {
      if (received.length === most) break;
      if (message.visibleAt > now) continue;
      if (this.redrive && message.receiveCount >= this.redrive.maxReceiveCount) {
        this.#remove(message);
        this.redrive.queue.#keep({ ...message, visibleAt: now });
        continue;
      }
      const receipt = randomUUID();
      message.receiveCount += 1;
      message.firstReceivedAt ??= now;
      message.receivedAt = now;
      message.receipt = receipt;
      this.#hide(message, now + visibilityTimeout * 1000);
      const { messageId } = message;
      received.push({ ...shown(message), receiptHandle: makeHandle(this.arn, { messageId, receipt }) });
    }
    return received;
  }

  /** Deletes a message. An older receipt than the last deletes nothing, which SQS may do and does not tell. */
  delete(handle: string): void {
    const message = this.#find(handle);
    if (message) this.#remove(message);
  }

  /**
   * Hides a received message for so long from now.
   *
   * @throws AwsError `InvalidParameterValueException` when it is gone or was received again, or the 12 hours are over
   */
  changeVisibility(handle: string, seconds: number): void {
    const now = this.clock.now();
    const message = this.#find(handle);
    if (!message) {
      const reason = 'Message does not exist or is not available for visibility timeout change.';
      throw invalidParameter('ReceiptHandle', handle, reason);
    }
    if (now + seconds * 1000 > message.receivedAt + MAX_VISIBILITY * 1000) {
      const reason = `Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY} seconds].`;
      throw invalidParameter('VisibilityTimeout', seconds, reason);
    }
    this.#hide(message, now + seconds * 1000);
  }

  /** Deletes all that is in it. */
  purge(): void {
    for (const message of this.#messages.values()) this.#remove(message);
  }

  #find(handle: string): Kept | undefined {
    const { messageId, receipt } = readHandle(this.arn, handle);
    const message = this.#messages.get(messageId);
    return message?.receipt === receipt ? message : undefined;
  }

  #keep(message: Kept): QueueMessage {
    this.#messages.set(message.messageId, message);
    this.#hide(message, message.visibleAt);
    return shown(message);
  }

  #hide(message: Kept, until: number): void {
    message.cancelWake?.();
    message.visibleAt = until;
    if (until <= this.clock.now()) this.#wake();
    else message.cancelWake = this.clock.at(until, () => this.#wake());
  }

  #remove(message: Kept): void {
    message.cancelWake?.();
    this.#messages.delete(message.messageId);
  }

  // In a microtask, so that the messages of one batch are received together, as they are in SQS.
  #wake(): void {
    for (const listener of this.#listeners) queueMicrotask(listener);
  }
}
