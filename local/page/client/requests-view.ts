import type { RequestOutcome, ServiceRequest } from '../contract.ts';
import { at, count, h, linkRow, pretty, showList, timeElement, timeOf } from './dom.ts';
import { state, type View } from './store.ts';

/** Requests that are shown before somebody asks for more. */
const PAGE = 50;

const MOODS: Readonly<Record<RequestOutcome, string>> = {
  accepted: 'good',
  duplicate: 'good',
  answered: 'busy',
  refused: 'busy',
  failed: 'bad',
  unknown: 'bad',
};

/** The steps of the path, in its order. */
const STEPS = ['config', 'recipient', 'template', 'guard', 'gateway', 'record'];

/** What the log says that stands at the top; the rest comes last. */
const FIRST_FIELDS = ['platform', 'usageType', 'locale', 'reason', 'recipient'];

/** Every request that reached the service, newest first, and one of them in full. */
export function requestsView(): View {
  let selected = '';
  let shown = PAGE;
  const more = at('more-requests');
  const details = at('request');
  more.addEventListener('click', () => {
    shown += PAGE;
    show();
  });

  function show(): void {
    const page = state.requests.slice(0, shown);
    const found = state.requests.find(({ id }) => id === selected) ?? state.requests[0];
    showList(
      at('request-list'),
      page,
      ({ id }) => id,
      (request) => `${request === found} ${request.outcome} ${request.status} ${request.fields['usageType']}`,
      (request) => row(request, request === found),
    );
    at('requests-summary').textContent = count(state.requests.length, 'request');
    more.hidden = state.requests.length <= shown;
    const version = JSON.stringify(found);
    if (details.dataset['shown'] === version) return;
    details.dataset['shown'] = version;
    details.replaceChildren(...(found ? detailsOf(found) : [h('p', {}, 'No request yet.')]));
  }

  return {
    open(rest) {
      selected = rest;
      show();
    },
    update(topic) {
      if (topic === 'requests') show();
    },
  };
}

function row(request: ServiceRequest, isCurrent: boolean): HTMLElement {
  const { id, outcome, status, source, at, fields } = request;
  const what = [fields['platform'] ?? source, fields['usageType'], fields['locale'], fields['reason']];
  return linkRow(
    `#/requests/${id}`,
    isCurrent,
    h('span', { class: `status strong ${MOODS[outcome]}` }, status ? `${status} ${outcome}` : outcome),
    h('span', { class: 'soft end' }, timeElement(at)),
    h('span', { class: 'soft preview' }, what.filter(Boolean).join(' · ')),
  );
}

function detailsOf(request: ServiceRequest): Node[] {
  const { source, outcome, status, at, durationMs, requestId, answer, fields, ms, events } = request;
  const { messageId } = fields;
  const rest = Object.entries(fields).filter(([name]) => name !== 'outcome' && !FIRST_FIELDS.includes(name));
  const part = (title: string, isThere: boolean, content: () => Node) =>
    isThere ? [h('h3', {}, title), content()] : [];
  return [
    h('h2', {}, source),
    factList([
      ['outcome', outcome],
      ['HTTP status', status],
      ...FIRST_FIELDS.map((name) => [name, fields[name]] as const),
      ['request id', requestId],
      ['time', timeOf(at)],
      ['answered after', durationMs === undefined ? undefined : `${durationMs} ms`],
    ]),
    ...(typeof messageId === 'string'
      ? [h('p', {}, h('a', { href: `#/phone/${messageId}` }, 'Show it on the phone'))]
      : []),
    ...part('Answer', answer !== undefined, () => h('pre', {}, pretty(answer ?? ''))),
    ...part('Timeline', Object.keys(ms).length > 0, () => timeline(ms)),
    ...part('Delivery', events.length > 0, () =>
      h('ol', {}, ...events.map((event) => h('li', {}, timeElement(event.at), ` ${event.type}`))),
    ),
    ...part('More of the log line', rest.length > 0, () => factList(rest)),
  ];
}

const factList = (facts: readonly (readonly [string, unknown])[]): HTMLElement =>
  h(
    'dl',
    {},
    ...facts
      .filter(([, value]) => value !== undefined)
      .flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, textOf(value))]),
  );

const textOf = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

/** A bar for each step, one behind the other as they ran. The numbers stand beside it, so that nobody needs the bar. */
function timeline(ms: Readonly<Record<string, number>>): HTMLElement {
  const { total = 0 } = ms;
  let start = 0;
  const rows = STEPS.filter((step) => ms[step] !== undefined).map((step) => {
    const time = ms[step] ?? 0;
    const bar = h('span', { class: 'bar', 'aria-hidden': 'true' });
    // By the object model: an attribute is what the content security policy forbids.
    bar.style.marginInlineStart = `${(100 * start) / (total || 1)}%`;
    bar.style.inlineSize = `${(100 * time) / (total || 1)}%`;
    start += time;
    return stepRow(step === 'config' ? 'configuration' : step, time, h('td', { class: 'track' }, bar));
  });
  const sum = stepRow('total', total, h('td'));
  return h('table', { class: 'timeline' }, h('tbody', {}, ...rows, sum));
}

const stepRow = (name: string, ms: number, track: HTMLElement): HTMLElement =>
  h('tr', {}, h('th', { scope: 'row' }, name), h('td', { class: 'number' }, `${ms} ms`), track);
