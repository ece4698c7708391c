/** Options of a fault by name: the type of each, or its choices. */
type Options = Readonly<Record<string, 'boolean' | 'number' | 'string' | readonly string[]>>;

/** What is known of a fault. */
export interface Kind {
  /** Where it strikes: `connection` when a client connects, `request` when a whole request has arrived. */
  readonly level: 'connection' | 'request';
  /** What happens, in a sentence. */
  readonly summary: string;
  /** Fields of an order beside `fault`, `times`, `delayMs` and `method`. */
  readonly options: Options;
  /** Only on a gate that speaks TLS. */
  readonly tlsOnly?: boolean;
}

const request = <const Known extends Options = Record<never, never>>(
  summary: string,
  options: Known = {} as Known,
) => ({ level: 'request', summary, options }) as const;

const connection = (summary: string, tlsOnly = true) =>
  ({ level: 'connection', summary, options: {}, tlsOnly }) as const;

const accept = 'boolean';

/**
 * Every fault a gate can play: its level, what it does, its options. The account "accepts" as it would without
 * the fault, so a request that is wrong is refused all the same. Unless a summary says otherwise nothing is accepted.
 * With `accept: true` the message is accepted, and the caller still gets to see the error.
 */
export const faultKinds = {
  late_answer: request('Accepts; the right answer comes delayMs (3000) later.'),
  no_answer: request('Accepts, never answers and keeps the connection open.'),
  reset_before_acceptance: request('Reads the request, then resets the connection.'),
  reset_after_acceptance: request('Accepts, then resets the connection.'),
  reset_on_connect: connection('Resets the TCP connection before any byte is read.', false),
  tls_hang: connection('TCP connects, the TLS handshake is never answered.'),
  tls_failure: connection('Answers the TLS handshake with bytes that are not TLS.'),
  slow_handshake: connection('TCP connects, the TLS handshake is answered delayMs (800) later.'),
  server_error_json: request('500 in the usual envelope.', { accept }),
  bad_gateway_html: request('502 with a page of HTML.', { accept }),
  html_200: request('200 with a page of HTML.', { accept }),
  success_false: request('200 with success: false.'),
  success_null_data: request('200 with success: true and data: null.', { accept }),
  rate_limited: request('429; Retry-After with retryAfter (s).', { retryAfter: 'number' }),
  unauthorized: request('401: wrong e-mail or API key.'),
  no_money: request('402 Not enough money.'),
  ip_not_allowed: request("404 Invalid ip-address: not in the account's list."),
  blacklisted: request(
    '400: the number is on a blacklist, said in a field error (field) or in words (message).',
    { form: ['field', 'message'] },
  ),
  bad_sender_name: request('400 with sign: incorrect.'),
  invalid_number: request('400 with number: incorrect.'),
  forbidden: request('403.'),
  block_page: request(
    '403 (status) with a page of HTML, as a filter in front of SMS Aero answers; Retry-After with retryAfter (s).',
    { status: 'number', retryAfter: 'number' },
  ),
  cut_refusal: request('400 (status) in the usual envelope, half of it, then resets delayMs (20) later.', {
    status: 'number',
  }),
  oversized_answer: request('Accepts, then streams a right answer of 200 KiB.'),
  truncated_json: request('Accepts; the answer is whole as HTTP, its JSON is cut.'),
  half_answer: request('Accepts, sends half of Content-Length and resets delayMs (20) later.'),
  wrong_length: request(
    'Accepts; Content-Length is longer than the right answer, after which the connection ends.',
  ),
  compressed: request(
    'Accepts; the answer is compressed with coding (gzip), unasked. With none only the header says so.',
    { coding: ['gzip', 'deflate', 'br', 'zstd', 'none'] },
  ),
  slow_drip: request('Accepts, sends the answer one byte each delayMs (50).'),
  array_data: request('Accepts; data is an array of the one object.'),
  string_types: request('Accepts; id, status and cost are strings.'),
  moderation: request('Accepts with status 8 (moderation).'),
  status_rejected: request('Takes it with status 6 (reject).'),
  status_undelivered: request('Takes it with status 2 (undelivered).'),
  legacy_reject: request('200 {"result":"reject","reason":reason}, as API v1 refused.', { reason: 'string' }),
  legacy_no_credits: request('200 {"result":"no credits"}, as API v1 refused.'),
  redirect: request('302 (status) to location.', { location: 'string', status: 'number' }),
  close_keepalive: request('Answers rightly, keep-alive, then closes the connection.'),
} as const satisfies Record<string, Kind>;

type FaultName = keyof typeof faultKinds;

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
type OptionsOf<Known> = { -readonly [Key in keyof Known]?: ValueOf<Known[Key]> };
type NamesAt<Level> = {
  [Name in FaultName]: (typeof faultKinds)[Name]['level'] extends Level ? Name : never;
}[FaultName];
type FaultOf<Name extends FaultName> = {
  [Each in Name]: { fault: Each; delayMs?: number } & OptionsOf<(typeof faultKinds)[Each]['options']>;
}[Name];

/** A fault that strikes when a client connects. `delayMs`: milliseconds before it answers, for the kinds that answer. */
export type ConnectionFault = FaultOf<NamesAt<'connection'>>;
/** A fault that strikes when a whole request has arrived. */
export type RequestFault = FaultOf<NamesAt<'request'>>;

/** What a caller asks a gate for. */
export type FaultOrder = (ConnectionFault | RequestFault) & {
  /** How many connections or requests it strikes. Default: 1. */
  times?: number;
  /** The API method it strikes, or `*` for all. Default: `sms/send`. */
  method?: string;
};
