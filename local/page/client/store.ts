import type { FaultSwitch, Hello, PhoneMessage, ServiceRequest } from '../contract.ts';
import { announce, at, count } from './dom.ts';

/** What changed. */
export type Topic = 'messages' | 'requests' | 'switches' | 'templates' | 'connection';

/** A part of the page that one sees at a time: what a person typed is there when they come back. */
export interface View {
  /** Shows what is behind the view's name in the address: `#/phone/539820001`. */
  open(rest: string): void;
  update(topic: Topic): void;
}

const messages = new Map<number, PhoneMessage>();
const requests = new Map<string, ServiceRequest>();

/** All that the page knows of the stack. */
export const state = {
  /** Newest first. */
  messages: [] as readonly PhoneMessage[],
  requests: [] as readonly ServiceRequest[],
  switches: [] as readonly FaultSwitch[],
  hello: undefined as Hello | undefined,
};

/** Called for each change. */
let listener: (topic: Topic) => void = () => {};
let due = new Set<Topic>();

/** Tells the listener, once for all changes before the next picture: thousands of messages may come in a second. */
function changed(topic: Topic): void {
  if (due.size === 0) setTimeout(flush, 16);
  due.add(topic);
}

function flush(): void {
  const topics = due;
  due = new Set();
  if (topics.has('messages')) state.messages = [...messages.values()].sort((a, b) => b.id - a.id);
  if (topics.has('requests')) state.requests = [...requests.values()].sort((a, b) => b.at - a.at);
  for (const topic of topics) listener(topic);
}

/** Asks the page's server. @throws Error with the server's words, for an answer that is an error (except 422, which says what is wrong) */
export async function ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(path, { method, ...init });
  const answer = response.status === 204 ? undefined : await response.json();
  if (!response.ok && response.status !== 422) throw new Error(answer?.error ?? `HTTP ${response.status}`);
  return answer as Answer;
}

/** Messages and requests that events brought while the lists were under way: they are newer than the lists. */
let newer = new Set<number | string>();

/** Reads everything again: what happened while there was no connection is not lost, and what was cleared goes. */
async function load(): Promise<void> {
  newer = new Set();
  const [allMessages, allRequests] = await Promise.all([
    ask<PhoneMessage[]>('GET', '/api/messages'),
    ask<ServiceRequest[]>('GET', '/api/requests'),
    loadSwitches(),
  ]);
  merge(messages, allMessages);
  merge(requests, allRequests);
  changed('messages');
  changed('requests');
}

function merge<Id extends number | string, Item extends { readonly id: Id }>(
  known: Map<Id, Item>,
  all: readonly Item[],
): void {
  for (const id of known.keys()) if (!newer.has(id)) known.delete(id);
  for (const item of all) if (!newer.has(item.id)) known.set(item.id, item);
}

async function loadSwitches(): Promise<void> {
  state.switches = await ask<FaultSwitch[]>('GET', '/api/switches');
  changed('switches');
}

function showConnection(text: string, isLive: boolean): void {
  const element = at('connection');
  if (element.textContent === text) return;
  element.textContent = text;
  element.classList.toggle('live', isLive);
}

/** A load that fails with the connection is repeated with it. */
const attempt = (work: Promise<void>): void => void work.catch(() => showConnection('Reconnecting …', false));

/** An event of the stream, or that there is none now. */
type StreamEvent = Readonly<Record<'type' | 'data', string>>;

/** What to do with each event. */
const EVENTS = {
  error: () => showConnection('Reconnecting …', false),
  hello: greet,
  accepted(message: PhoneMessage) {
    take(messages, message, 'messages');
    const { number, code } = message;
    announce(`New message to +${number}${code ? `, code ${[...code].join(' ')}` : ''}`);
  },
  changed: (message: PhoneMessage) => take(messages, message, 'messages'),
  request: (request: ServiceRequest) => take(requests, request, 'requests'),
  cleared: () => attempt(load()),
  switches: () => attempt(loadSwitches()),
  templates: () => changed('templates'),
} as Readonly<Record<string, (data: unknown) => void>>;

/**
 * Connects, and connects again for as long as the page is open. A browser has six connections to a server: so one tab listens and tells the
 * others, and when it is closed the next one does.
 *
 * @param onChange called for each change
 */
export function connect(onChange: (topic: Topic) => void): void {
  listener = onChange;
  const channel = new BroadcastChannel('events');
  let hello: StreamEvent | undefined;
  channel.onmessage = ({ data }: MessageEvent<StreamEvent>) => {
    if (data.type !== 'who') receive(data);
    else if (hello) channel.postMessage(hello);
  };
  channel.postMessage({ type: 'who', data: '' });
  const listen = () => {
    const events = new EventSource('/api/events');
    const pass = ({ type, data = '' }: { type: string; data?: string }) => {
      if (type === 'hello') hello = { type, data };
      receive({ type, data });
      channel.postMessage({ type, data });
    };
    for (const event of Object.keys(EVENTS)) events.addEventListener(event, pass);
    return new Promise(() => {}); // until this tab is closed
  };
  void navigator.locks.request('events', listen);
}

function receive({ type, data }: StreamEvent): void {
  EVENTS[type]?.(data === '' ? undefined : JSON.parse(data));
}

function greet(hello: Hello): void {
  const before = state.hello;
  if (before && before.build !== hello.build) {
    location.reload();
    return;
  }
  const isNew = before !== undefined && before.run !== hello.run;
  if (isNew) messages.clear(); // another run begins with the same ids
  state.hello = hello;
  changed('connection');
  changed('templates');
  showConnection(isNew ? 'Live again: the stack was restarted' : 'Live', true);
  attempt(load());
}

function take<Id extends number | string, Item extends { readonly id: Id }>(
  known: Map<Id, Item>,
  item: Item,
  topic: Topic,
): void {
  newer.add(item.id);
  known.set(item.id, item);
  changed(topic);
}

const READ_KEY = 'read';

/** Up to which id the messages of this run are read; kept for all tabs. */
function readUpTo(): number {
  const [run, id] = (localStorage.getItem(READ_KEY) ?? '').split(' ');
  return run === state.hello?.run ? Number(id) : 0;
}

/** Notes that messages were on a visible screen. */
export function markRead(id: number): void {
  if (state.hello && id > readUpTo()) localStorage.setItem(READ_KEY, `${state.hello.run} ${id}`);
}

/** Shows in the title how many messages nobody has seen. */
export function showUnread(): void {
  const read = readUpTo();
  const unread = state.messages.filter(({ id }) => id > read).length;
  document.title = unread > 0 ? `(${unread}) Phone` : 'Phone';
  at('unread').textContent = unread > 0 ? ` (${count(unread, 'new message')})` : '';
}
