import * as z from 'zod/mini';
import { CODE_CHARACTERS, MAX_WRITTEN_NUMBER } from '../message/sms-request.ts';

// Fields that the bodies of several platforms have. Each takes what the field means.

/** A hint that may be absent, null, of another type or absurdly long: not worth losing a sign-in for. */
export const hint = (meaning: string, maximum = 200) =>
  z.catch(z.optional(z.string().check(z.maxLength(maximum), z.describe(meaning))), undefined);

/** A phone number, however it is written. */
export const phoneNumber = (meaning: string) =>
  z.string().check(z.minLength(1), z.maxLength(MAX_WRITTEN_NUMBER), z.describe(meaning));

export const code = (meaning: string) =>
  z.string().check(z.minLength(1), z.maxLength(100), z.regex(CODE_CHARACTERS), z.describe(meaning));

/** A code that a message may lack. Null or empty counts as absent: serialisers that write every field write those (ZITADEL's `code`). */
export const optionalCode = (meaning: string) =>
  z.optional(
    z.pipe(
      z.nullable(z.string().check(z.maxLength(100), z.regex(CODE_CHARACTERS))).check(z.describe(meaning)),
      z.transform((value) => value || undefined),
    ),
  );

/** A text that the platform made itself; one that no SMS can have counts as absent. SMS Aero takes 2 characters and more. */
export const renderedText = (meaning: string) =>
  z.catch(z.optional(z.string().check(z.minLength(2), z.regex(/\S/), z.describe(meaning))), undefined);

/** Stands for an address of another type: no address can be read from it, as from any other text that is none. */
const NOT_A_TEXT = 'not a text';

/**
 * The address of the person's device, of any length and type: what cannot be counted must be noticed, so it must not be dropped here. Null
 * counts as absent. Without a context the schema is asked for the default of the contract, of which there is none.
 */
export const clientAddress = () =>
  z.catch(
    z.optional(z.string().check(z.describe("Address of the person's device."))),
    (context?: { readonly input: unknown }) => ((context?.input ?? null) === null ? undefined : NOT_A_TEXT),
  );

/** An object that may be absent; of another type it counts as absent. */
export const optionalObject = <Shape extends z.core.$ZodLooseShape>(meaning: string, shape: Shape) =>
  z.catch(z.optional(z.object(shape).check(z.describe(meaning))), undefined);

/**
 * A body's schema, made when it is first read. A function has the schemas of all platforms, and serves one or two: made at start, they
 * would all be paid for by each cold start.
 */
export function lazily<Schema>(make: () => Schema): () => Schema {
  let made: Schema | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
