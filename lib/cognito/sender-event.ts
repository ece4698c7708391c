import * as z from 'zod/mini';
import { textOf } from '../json.ts';
import { GENERIC } from '../templates/template.ts';

/** Not worth losing a code for, should it ever be of another type. */
const strings = z.catch(z.nullish(z.record(z.string(), z.unknown())), undefined);

/** The event of Cognito's custom SMS sender (Amazon Cognito Developer Guide, "Custom SMS sender Lambda trigger"). */
export const senderEventSchema = z.object({
  triggerSource: z.catch(z.string(), ''),
  userPoolId: z.string().check(z.minLength(1)),
  userName: z.nullish(z.string()), // null and absent are the same to Cognito
  request: z.object({
    type: z.literal('customSMSSenderRequestV1'),
    /** AWS Encryption SDK message in base64. */
    code: z.nullish(z.string()),
    clientMetadata: strings,
    userAttributes: strings,
  }),
});

export type SenderEvent = z.infer<typeof senderEventSchema>;

/** Usage types by the end of the trigger source; another one gets `Generic`. */
const USAGE_TYPES: ReadonlyMap<string, string> = new Map([
  ['SignUp', 'Register'],
  ['ResendCode', 'Register'],
  ['ForgotPassword', 'ForgotPassword'],
  ['VerifyUserAttribute', 'BindNewIdentifier'],
  ['UpdateUserAttribute', 'BindNewIdentifier'],
  ['Authentication', 'SignIn'],
  ['AdminCreateUser', 'AdminCreateUser'],
]);

/** What the event says of the message, except the code. */
export function readSenderEvent(event: SenderEvent) {
  const attributes = event.request.userAttributes ?? {};
  const clientMetadata = event.request.clientMetadata ?? {};
  /** E.164 with a plus, as Cognito keeps it; empty if the user has no number. */
  const recipient = textOf(attributes['phone_number']) ?? '';
  return {
    recipient,
    usageType: USAGE_TYPES.get(triggerOf(event)) ?? GENERIC,
    locale: textOf(clientMetadata['locale']) ?? textOf(attributes['locale']),
    variables: { username: readableName(event.userName ?? '', recipient), user: attributes, clientMetadata },
  };
}

/**
 * The code as it is to be shown. Cognito escapes a temporary password for HTML (`&lt;`); digits have nothing to escape, and a
 * code that is not a password is left as it is.
 */
export function readableCode(event: SenderEvent, code: string): string {
  return triggerOf(event) === 'AdminCreateUser' ? unescapeHtml(code) : code;
}

function triggerOf({ triggerSource }: SenderEvent): string {
  return triggerSource.split('_').at(-1) ?? '';
}

/** In a pool that signs in by phone number the user name is a UUID, which tells a person nothing: the number then. */
function readableName(userName: string, recipient: string): string {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(userName) && recipient ? recipient : userName;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** One pass, so that `&amp;lt;` becomes `&lt;` and no further. */
function unescapeHtml(escaped: string): string {
  return escaped.replaceAll(
    /&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|(lt|gt|amp|quot|apos));/gi,
    (all, decimal, hex, name) => {
      if (name) return ENTITIES[name.toLowerCase()] ?? all;
      const character = decimal ? Number(decimal) : Number.parseInt(hex, 16);
      const shown = character >= 32 && (character < 0xd800 || character > 0xdfff);
      return shown ? String.fromCodePoint(character) : all; // no control characters, no halves of pairs
    },
  );
}
