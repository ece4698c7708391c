type OptionType = 'boolean' | 'number' | 'string' | readonly string[];

interface Kind {
  /** Where it strikes: `connection` when a client connects, `request` when a whole request has arrived. */
  level: 'connection' | 'request';
  /** What happens, in a sentence. */
  summary: string;
  /** Only on a gate that speaks TLS. */
  tlsOnly?: true;
  /** Only for methods that send (`sms/send`, `telegram/send`, and their test modes). */
  sendOnly?: true;
  /** Fields of an order beside `fault`, `times`, `delayMs` and `method`. */
  options?: Readonly<Record<string, OptionType>>;
}

const accept = 'boolean';

/**
 * Every fault a gate can play: its level, what it does, its options. The account "accepts" as it would without
 * the fault, so a request that is wrong is refused all the same. Unless a summary says otherwise nothing is accepted.
 * With `accept: true` the message is accepted, and the caller still gets to see the error.
 */
export const faultKinds = {
  late_answer: { level: 'request', summary: 'Accepts; the right answer comes delayMs (3000) later.' },
  no_answer: { level: 'request', summary: 'Accepts, never answers and keeps the connection open.' },
  reset_before_acceptance: { level: 'request', summary: 'Reads the request, then resets the connection.' },
  reset_after_acceptance: { level: 'request', summary: 'Accepts, then resets the connection.' },
  reset_on_connect: { level: 'connection', summary: 'Resets the TCP connection before any byte is read.' },
  tls_hang: {
    level: 'connection',
    tlsOnly: true,
    summary: 'TCP connects, the TLS handshake is never answered.',
  },
  tls_failure: {
    level: 'connection',
    tlsOnly: true,
    summary: 'Answers the TLS handshake with bytes that are not TLS.',
  },
  slow_handshake: {
    level: 'connection',
    tlsOnly: true,
    summary: 'TCP connects, the TLS handshake is answered delayMs (800) later.',
  },
  server_error_json: { level: 'request', options: { accept }, summary: '500 in the usual envelope.' },
  bad_gateway_html: { level: 'request', options: { accept }, summary: '502 with a page of HTML.' },
  html_200: { level: 'request', options: { accept }, summary: '200 with a page of HTML.' },
  success_false: { level: 'request', summary: '200 with success: false.' },
  success_null_data: {
    level: 'request',
    options: { accept },
    summary: '200 with success: true and data: null.',
  },
  rate_limited: {
    level: 'request',
    options: { retryAfter: 'number' },
    summary: '429; Retry-After with retryAfter (s).',
  },
  unauthorized: { level: 'request', summary: '401: wrong e-mail or API key.' },
  no_money: { level: 'request', summary: '402 Not enough money.' },
  ip_not_allowed: { level: 'request', summary: "404 Invalid ip-address: not in the account's list." },
  blacklisted: {
    level: 'request',
    options: { form: ['field', 'message'] },
    summary: '400: the number is on a blacklist, said in a field error (field) or in words (message).',
  },
  bad_sender_name: { level: 'request', summary: '400 with sign: incorrect.' },
  invalid_number: { level: 'request', summary: '400 with number: incorrect.' },
  forbidden: { level: 'request', summary: '403.' },
  block_page: {
    level: 'request',
    options: { status: 'number', retryAfter: 'number' },
    summary:
      '403 (status) with a page of HTML, as a filter in front of SMS Aero answers; Retry-After with retryAfter (s).',
  },
  cut_refusal: {
    level: 'request',
    options: { status: 'number' },
    summary: '400 (status) in the usual envelope, half of it, then resets delayMs (20) later.',
  },
  oversized_answer: { level: 'request', summary: 'Accepts, then streams a right answer of 200 KiB.' },
  truncated_json: { level: 'request', summary: 'Accepts; the answer is whole as HTTP, its JSON is cut.' },
  half_answer: {
    level: 'request',
    summary: 'Accepts, sends half of Content-Length and resets delayMs (20) later.',
  },
  wrong_length: {
    level: 'request',
    summary: 'Accepts; Content-Length is longer than the right answer, after which the connection ends.',
  },
  compressed: {
    level: 'request',
    options: { coding: ['gzip', 'deflate', 'br', 'zstd', 'none'] },
    summary:
      'Accepts; the answer is compressed with coding (gzip), unasked. With none only the header says so.',
  },
  slow_drip: { level: 'request', summary: 'Accepts, sends the answer one byte each delayMs (50).' },
  array_data: { level: 'request', summary: 'Accepts; data is an array of the one object.' },
  string_types: { level: 'request', summary: 'Accepts; id, status and cost are strings.' },
  moderation: { level: 'request', sendOnly: true, summary: 'Accepts with status 8 (moderation).' },
  status_rejected: { level: 'request', sendOnly: true, summary: 'Takes it with status 6 (reject).' },
  status_undelivered: { level: 'request', sendOnly: true, summary: 'Takes it with status 2 (undelivered).' },
  legacy_reject: {
    level: 'request',
    options: { reason: 'string' },
    summary: '200 {"result":"reject","reason":reason}, as API v1 refused.',
  },
  legacy_no_credits: { level: 'request', summary: '200 {"result":"no credits"}, as API v1 refused.' },
  redirect: {
    level: 'request',
    options: { location: 'string', status: 'number' },
    summary: '302 (status) to location.',
  },
  close_keepalive: { level: 'request', summary: 'Answers rightly, keep-alive, then closes the connection.' },
} as const satisfies Record<string, Kind>;

/** Name of a fault. */
export type FaultName = keyof typeof faultKinds;

/** All names, in the order of `faultKinds`. */
export const faultNames = Object.keys(faultKinds) as FaultName[];

type ValueOf<Type> = Type extends 'boolean'
  ? boolean
  : Type extends 'number'
    ? number
    : Type extends 'string'
      ? string
      : Type extends readonly (infer Choice)[]
        ? Choice
        : never;
type OptionsOf<Name extends FaultName> = (typeof faultKinds)[Name] extends { options: infer Options }
  ? { -readonly [Key in keyof Options]?: ValueOf<Options[Key]> }
  : unknown;
type NamesAt<Level> = {
  [Name in FaultName]: (typeof faultKinds)[Name]['level'] extends Level ? Name : never;
}[FaultName];

/** A fault of one kind. `delayMs`: milliseconds before it answers, for the kinds that answer. */
export type FaultOf<Name extends FaultName> = {
  [Each in Name]: { fault: Each; delayMs?: number } & OptionsOf<Each>;
}[Name];

/** A fault, told apart by `fault`. */
export type Fault = FaultOf<FaultName>;
/** A fault that strikes when a client connects. */
export type ConnectionFault = FaultOf<NamesAt<'connection'>>;
/** A fault that strikes when a whole request has arrived. */
export type RequestFault = FaultOf<NamesAt<'request'>>;

/** What a caller asks a gate for. */
export type FaultOrder = Fault & {
  /** How many connections or requests it strikes. Default: 1. */
  times?: number;
  /** The API method it strikes, or `*` for all. Default: `sms/send`. */
  method?: string;
};

/** What is known of a fault's kind, for code that checks an order of any kind. */
export function kindOf(name: FaultName): Kind {
  return faultKinds[name];
}
