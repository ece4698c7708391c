/**
 * What the page and its server say to each other. Types only: the page is checked with the types of a browser, the server with those of
 * Node, and this is the one file that both read.
 */

import type { Problem } from '../../cli/check/check-template.ts';
import type { TextCost } from '../../cli/check/encoding.ts';
import type { Template } from '../../lib/templates/template.ts';
import type { Message } from '../simulator/message.ts';

/** What is read off a message once: it never changes. */
export interface ReadOff extends Pick<TextCost, 'encoding' | 'culprits'> {
  /** The code in the text; absent if there is none. */
  readonly code?: string;
}

/** A message on the phone: what SMS Aero took, and what can be read off its text. */
export type PhoneMessage = Omit<Message, 'callbackUrl'> & ReadOff;

/** How a request ended; `answered` is one that asked for no message. */
export type RequestOutcome = 'accepted' | 'duplicate' | 'refused' | 'failed' | 'unknown' | 'answered';

/** Something that happened to a message after the answer. */
export interface LaterEvent {
  /** `SmsDelivered`, or `report: delivered` for a delivery report of SMS Aero. */
  readonly type: string;
  /** ms of the Unix epoch. */
  readonly at: number;
}

/** A request that reached the service: no code, no text, no whole number and no secret. */
export interface ServiceRequest {
  /** Names it on the page. */
  readonly id: string;
  /** ms of the Unix epoch. */
  readonly at: number;
  /** `POST /sms/logto`; the function's name for one that did not come by HTTP. */
  readonly source: string;
  readonly outcome: RequestOutcome;
  readonly requestId?: string | undefined;
  /** Absent, as answer and duration are, for one that did not come by HTTP. */
  readonly status?: number | undefined;
  readonly answer?: string | undefined;
  readonly durationMs?: number | undefined;
  /** What the log line says: `platform`, `usageType`, `locale`, `recipient` (masked), `reason`, … */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Milliseconds by step of the path, in its order, and `total`. */
  readonly ms: Readonly<Record<string, number>>;
  readonly events: readonly LaterEvent[];
}

/** A template as it would be sent with a code of six digits. */
export interface TemplatePreview extends Pick<TextCost, 'encoding' | 'culprits' | 'segments'> {
  readonly text: string;
  /** Units of the encoding that are left in the last segment. */
  readonly left: number;
  /** Roubles, by SMS and by Telegram; the latter is absent for a template that goes by SMS. */
  readonly costPer1000: number;
  readonly telegramPer1000?: number | undefined;
}

/** All templates, with what there is to say of them. */
export interface CheckedTemplates {
  readonly templates: readonly Template[];
  /** By position; undefined for one that has no text. */
  readonly previews: readonly (TemplatePreview | undefined)[];
  /** What `config check` says. */
  readonly problems: readonly Problem[];
}

export interface SendForm {
  readonly platform: string;
  readonly to: string;
  readonly code: string;
  readonly type: string;
  readonly locale: string;
}

/** A platform as the form offers it. */
export interface OfferedPlatform {
  readonly name: string;
  readonly title: string;
  /** Whether its request says the usage type, and the language. */
  readonly hasType: boolean;
  readonly hasLocale: boolean;
}

/** A platform's real request. */
export interface SampleRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** A command for a shell that sends it. */
  readonly curl: string;
}

export interface SentAnswer {
  readonly status: number;
  readonly durationMs: number;
  readonly requestId?: string | undefined;
  readonly body: string;
}

/** How long a fault stays on. */
export type SwitchedFor = 'next_message' | 'until_off';

/** A fault of the simulator, in words. */
export interface FaultSwitch {
  readonly name: string;
  readonly group: string;
  readonly title: string;
  /** What comes of it. */
  readonly effect: string;
  /** Absent while it is off. */
  readonly on?: SwitchedFor | undefined;
}

/** The first event of a stream: what the page compares with what it knows. */
export interface Hello {
  /** Names this run of the stack: ids of messages begin again with each. */
  readonly run: string;
  /** Digest of the page's code. */
  readonly build: string;
  /** The API's address. */
  readonly apiUrl: string;
}
