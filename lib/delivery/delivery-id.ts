import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { derivedKey } from '../derived-key.ts';

/** How long a delivery is known, in s: 30 days. */
export const KEEP_DELIVERY = 30 * 86_400;

/** How far the clock of the process that made an id may be ahead of ours, in ms. */
const CLOCK_TOLERANCE = 300_000;

/** 6 bytes of time and 10 of chance (80 bits): an id cannot be guessed and tells when it was made. */
const TIME_BYTES = 6;
const RANDOM_BYTES = 10;
const ID = /^[\w-]{22}$/;

const ID_LENGTH = 22;

/** 22 characters of id and 22 of signature (128 bits), all of base64url. */
const TOKEN = /^[\w-]{44}$/;
const SIGNATURE_BYTES = 16;

/**
 * Makes the name of a delivery: one message from the request to SMS Aero on.
 *
 * @param now ms of the Unix epoch
 * @returns 22 characters of base64url
 */
export function newDeliveryId(now: number): string {
  return idOf(now, randomBytes(RANDOM_BYTES));
}

/**
 * The name of a delivery that was none: the same each time for the same event, so that it is recorded once.
 *
 * @param at ms of the Unix epoch
 * @param event what names the event
 */
export function deliveryIdFor(at: number, event: string): string {
  return idOf(at, hash('sha256', event, 'buffer').subarray(0, RANDOM_BYTES));
}

function idOf(at: number, rest: Buffer): string {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeUIntBE(at, 0, TIME_BYTES);
  return Buffer.concat([time, rest]).toString('base64url');
}

export function isDeliveryId(text: string): boolean {
  return ID.test(text);
}

/** When an id was made, in ms of the Unix epoch. */
export function madeAt(deliveryId: string): number {
  return Buffer.from(deliveryId, 'base64url').readUIntBE(0, TIME_BYTES);
}

/**
 * The last part of a message's report URL. It names the delivery and proves that we made it, so that nothing has to be looked up to
 * tell a forged one.
 *
 * @param hashKey the stage's `hashKey`. With another one the reports of messages under way are refused, and SMS Aero is asked instead
 */
export function reportToken(hashKey: string, deliveryId: string): string {
  const key = derivedKey(hashKey, 'smsaero-lambda delivery report');
  const signature = createHmac('sha256', key).update(deliveryId).digest().subarray(0, SIGNATURE_BYTES);
  return deliveryId + signature.toString('base64url');
}

/**
 * Whether a text has the form and the age of a token. It says nothing of who made it, and needs no key: what fails here is worth no
 * look into the configuration.
 *
 * @param now ms of the Unix epoch
 */
export function mayBeToken(text: string, now: number): boolean {
  if (!TOKEN.test(text)) return false;
  const age = now - madeAt(text.slice(0, ID_LENGTH));
  return age <= KEEP_DELIVERY * 1000 && age >= -CLOCK_TOLERANCE;
}

/**
 * The delivery that a token of ours names.
 *
 * @param hashKey the stage's `hashKey`
 * @param token of anybody's
 * @param now ms of the Unix epoch
 * @returns undefined for a token that is not ours, or of a delivery that is known no longer
 */
export function deliveryOfToken(hashKey: string, token: string, now: number): string | undefined {
  // The form first: only in ASCII are characters bytes, so that what is cut, signed and compared below is always the whole token.
  if (!mayBeToken(token, now)) {
    return undefined;
  }
  const deliveryId = token.slice(0, ID_LENGTH);
  // As texts, since more than one text decodes to the same bytes.
  const ours = Buffer.from(reportToken(hashKey, deliveryId));
  return timingSafeEqual(Buffer.from(token), ours) ? deliveryId : undefined;
}
