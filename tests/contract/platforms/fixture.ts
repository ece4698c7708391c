import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { Platform, SampleMessage } from '../../../lib/platforms/platform.ts';
import type { Account, Gate } from '../../../local/simulator/index.ts';
import type { Reply } from '../../support/function.ts';

/** What a platform does when it has an answer. */
type Reaction =
  /** It takes the code for sent: the person may type it. */
  | { readonly does: 'goes on' }
  /** It tells the person, or its log where nobody waits. */
  | { readonly does: 'tells'; readonly message: string }
  /** It makes another attempt with the same message. */
  | { readonly does: 'retries' };

/** One attempt of a platform. */
export interface Attempt {
  readonly body: string;
  readonly secret: string;
  /** When the platform makes it: by its clock. */
  readonly at: Date;
  /** Names the message: the same in each attempt. */
  readonly id: string;
}

/** Sends a message as the platform does. @param change spoils something of the body */
export type Send = (message?: Partial<SampleMessage>, change?: (body: object) => object) => Promise<Sent>;

/** What came of a message. */
export interface Sent {
  readonly reply: Reply;
  readonly reaction: Reaction;
  /** What SMS Aero took of it. */
  readonly sms: readonly { readonly number: string; readonly text: string }[];
}

/** What a further test of a platform has. */
interface Bench {
  readonly send: Send;
  /** Sends a body with these headers as they are. */
  readonly post: (body: string, headers: Readonly<Record<string, string>>) => Promise<Sent>;
  /** A number that got nothing yet, and a code. */
  readonly message: () => SampleMessage;
  /** URL of the platform's endpoint. */
  readonly url: () => string;
  /** The newest message that SMS Aero took. */
  readonly sms: () => ReturnType<Account['messages']>[number] | undefined;
  /** What SMS Aero does wrong. */
  readonly faults: () => Gate['faults'];
}

/** One platform as the contract suite plays it: its client, and what it does with an answer, both by its source or its documentation. */
export interface Fixture {
  readonly platform: Platform;
  /** The two secrets of a rotation, the older first. */
  readonly secrets: readonly [string, string];
  /** Proves a request, by another implementation than the service's. @param secrets of several signatures, while they are rotated */
  readonly headers: (attempt: Attempt, secrets?: readonly string[]) => Readonly<Record<string, string>>;
  /** Whether `headers` depends on body and time. */
  readonly signed?: boolean;
  /** Dotted paths of fields in its body: the code, wherever it is; a type. */
  readonly fields: { readonly code: readonly string[]; readonly type: string };
  /** The usage types that values of its type become, where they are not the same. */
  readonly usageTypes: Readonly<Record<string, string>>;
  /** Whether its sample tells the person's address, 203.0.113.24. */
  readonly tellsAddress?: boolean;
  /** What it does with an answer. */
  readonly reaction: (reply: Reply) => Reaction;
  /** What it must do, and why that is right. */
  readonly right: {
    /** A request of somebody else, or one that is not understood. */
    readonly refused: Reaction['does'];
    readonly rateLimit: Reaction['does'];
    /** Nothing was sent, and SMS Aero may be back in a moment. */
    readonly gatewayDown: Reaction['does'];
    /** It may have been sent. */
    readonly unknown: Reaction['does'];
  };
  /** Tests of what only this platform has. */
  readonly more?: (bench: Bench) => void;
}

/** The rule of platforms that take any 2xx for a success and tell of anything else. */
export function tellsOfErrors({ statusCode, body }: Reply): Reaction {
  return statusCode >= 200 && statusCode < 300
    ? { does: 'goes on' }
    : { does: 'tells', message: (JSON.parse(body) as { message: string }).message };
}

/** An `Authorization` header as it is set. */
export const authorization = ({ secret }: Attempt) => ({ Authorization: secret });

/** The fixtures of this folder. */
export async function loadFixtures(): Promise<Fixture[]> {
  const folder = new URL('.', import.meta.url);
  const files = (await readdir(folder)).filter((file) => file !== 'fixture.ts');
  return Promise.all(
    files.map(async (file) => ((await import(new URL(file, folder).href)) as { fixture: Fixture }).fixture),
  );
}

let numbers = 0;

/** A message to a number in a block of its own. */
export function newMessage(): SampleMessage {
  numbers += 1;
  return {
    to: `7903${String(numbers).padStart(4, '0')}001`,
    code: String(100_000 + numbers),
    id: randomUUID(),
    type: 'SignIn',
    locale: 'ru',
  };
}

/** A copy with another value at a dotted path; undefined takes the field away. */
export function setAt(body: object, path: string, value: unknown): object {
  const [name = '', ...rest] = path.split('.');
  const inner = (body as Record<string, object>)[name] ?? {};
  return { ...body, [name]: rest.length === 0 ? value : setAt(inner, rest.join('.'), value) };
}
