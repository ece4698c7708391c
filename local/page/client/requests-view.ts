import type { RequestOutcome, ServiceRequest } from '../contract.ts';
import { count, h, showList, timeElement, timeOf } from './dom.ts';
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

const STEP_NAMES: Readonly<Record<string, string>> = { config: 'configuration' };

/** Fields that stand elsewhere in the details. */
const SHOWN_ELSEWHERE = ['outcome'];

/** Every request that reached the service, newest first, and one of them in full. */
export function requestsView(): View {
  let selected = '';
  let shown = PAGE;
  const list = h('ol', { class: 'rows' });
  const more = h('button', { type: 'button', hidden: true });
  const summary = h('p', { class: 'soft' });
  const details = h('section', { 'aria-label': 'Request', class: 'details' });
  const root = h(
    'div',
    { class: 'columns' },
    h(
      'section',
      { 'aria-labelledby': 'requests-title' },
      h('h1', { id: 'requests-title' }, 'Requests'),
      summary,
      list,
      more,
    ),
    details,
  );
  more.addEventListener('click', () => {
    shown += PAGE;
    show();
  });

  function show(): void {
    const page = state.requests.slice(0, shown);
    const found = state.requests.find(({ id }) => id === selected) ?? state.requests[0];
    showList(
      list,
      page,
      ({ id }) => id,
      (request) => `${request === found} ${request.outcome} ${request.status} ${request.fields['usageType']}`,
      (request) => row(request, request === found),
    );
    summary.textContent = count(state.requests.length, 'request');
    more.hidden = state.requests.length <= shown;
    more.textContent = 'Show more';
    const shownBefore = details.dataset['shown'];
    const version = JSON.stringify(found);
    if (shownBefore === version) return;
    details.dataset['shown'] = version;
    details.replaceChildren(...(found ? detailsOf(found) : [h('p', {}, 'No request yet.')]));
  }

  return {
    root,
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
  return h(
    'li',
    {},
    h(
      'a',
      { href: `#/requests/${encodeURIComponent(id)}`, 'aria-current': isCurrent && 'true' },
      h('span', { class: `status strong ${MOODS[outcome]}` }, status ? `${status} ${outcome}` : outcome),
      h('span', { class: 'soft end' }, timeElement(at)),
      h('span', { class: 'soft preview' }, what.filter(Boolean).join(' · ')),
    ),
  );
}

function detailsOf(request: ServiceRequest): Node[] {
  const { source, outcome, status, at, durationMs, requestId, answer, fields, ms, events } = request;
  const facts: readonly (readonly [string, unknown])[] = [
    ['outcome', outcome],
    ['HTTP status', status],
    ['time', timeOf(at)],
    ['answered after', durationMs === undefined ? undefined : `${durationMs} ms`],
    ['request id', requestId],
    ...Object.entries(fields).filter(([name]) => !SHOWN_ELSEWHERE.includes(name)),
  ];
  const { messageId } = fields;
  return [
    h('h2', {}, source),
    typeof messageId === 'string'
      ? h('p', {}, h('a', { href: `#/phone/${messageId}` }, 'Show it on the phone'))
      : '',
    h(
      'dl',
      {},
      ...facts
        .filter(([, value]) => value !== undefined)
        .flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, textOf(value))]),
    ),
    ...(answer === undefined ? [] : [h('h3', {}, 'Answer'), h('pre', { tabindex: 0 }, pretty(answer))]),
    ...(Object.keys(ms).length === 0 ? [] : [h('h3', {}, 'Timeline'), timeline(ms)]),
    ...(events.length === 0
      ? []
      : [
          h('h3', {}, 'Delivery'),
          h(
            'ol',
            { class: 'events' },
            ...events.map((event) => h('li', {}, timeElement(event.at), ` ${event.type}`)),
          ),
        ]),
  ].map((child) => (typeof child === 'string' ? document.createTextNode(child) : child));
}

const textOf = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

/** JSON with line breaks; anything else as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

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
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, STEP_NAMES[step] ?? step),
      h('td', { class: 'number' }, `${time} ms`),
      h('td', { class: 'track' }, bar),
    );
  });
  const sum = h(
    'tr',
    {},
    h('th', { scope: 'row' }, 'total'),
    h('td', { class: 'number' }, `${total} ms`),
    h('td', {}),
  );
  return h('table', { class: 'timeline' }, h('tbody', {}, ...rows, sum));
}
