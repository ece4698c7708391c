import type { PhoneMessage } from '../contract.ts';
import { at, copyButton, count, h, linkRow, showList, timeElement, timeOf } from './dom.ts';
import { ask, markRead, showUnread, state, type View } from './store.ts';

/** Messages, and recipients, that are shown before somebody asks for more. */
const PAGE = 50;

/** Status codes of SMS Aero API v2, in words. */
const STATUSES: Readonly<Record<number, readonly [text: string, mood: string]>> = {
  0: ['Queued', 'busy'],
  1: ['Delivered', 'good'],
  2: ['Not delivered', 'bad'],
  3: ['Sent to the operator', 'busy'],
  4: ['Waiting for the operator', 'busy'],
  6: ['Rejected', 'bad'],
  8: ['In moderation', 'busy'],
};

/** The phone: recipients on one side, their messages on the other, newest first. */
export function phoneView(): View {
  let recipient = '';
  let selected = 0;
  let shown = PAGE;
  const root = at('phone');
  const search = at<HTMLInputElement>('search');
  const list = at('messages');
  const more = at('more-messages');
  const clear = at<HTMLButtonElement>('clear');
  search.addEventListener('input', () => {
    shown = PAGE;
    show();
  });
  more.addEventListener('click', () => {
    const first = list.children.length;
    shown += PAGE;
    show();
    list.children[first]?.querySelector('a')?.focus();
  });
  clear.addEventListener('click', () => {
    void ask('DELETE', `/api/messages${recipient && `?to=${recipient}`}`);
    search.focus();
  });

  /** Whether a message has what is searched for: in a number its digits, however they are written. */
  function isFound({ number, text, from }: PhoneMessage): boolean {
    const words = search.value.trim().toLowerCase();
    const digits = words.replace(/[\s()+-]/g, '');
    if (digits !== '' && /^\d+$/.test(digits) && number.includes(digits)) return true;
    return text.toLowerCase().includes(words) || from.toLowerCase().includes(words);
  }

  function show(): void {
    const found = state.messages.filter(isFound);
    const byRecipient = Map.groupBy(found, ({ number }) => number);
    const rows = [...byRecipient].slice(0, PAGE);
    const here = recipient === '' ? found : (byRecipient.get(recipient) ?? []);
    showList(
      at('recipients'),
      [['', found] as const, ...rows],
      ([number]) => number,
      ([number, all]) => `${all.length} ${all[0]?.id} ${number === recipient}`,
      ([number, all]) => recipientRow(number, all, number === recipient),
    );
    at('more-recipients').textContent =
      byRecipient.size > PAGE ? `${count(byRecipient.size - PAGE, 'more recipient')}: search for them` : '';
    const position = here.findIndex(({ id }) => id === selected);
    const page = here.slice(0, Math.max(shown, position + 1));
    showList(
      list,
      page,
      ({ id }) => id,
      ({ id, status }) => `${status} ${id === selected}`,
      (message) => messageItem(message, message.id === selected),
    );
    more.hidden = here.length <= page.length;
    more.textContent = `Show more of ${here.length - page.length}`;
    at('messages-summary').textContent =
      `${count(here.length, 'message')}${recipient === '' ? '' : ` to +${recipient}`}`;
    clear.disabled = here.length === 0;
    clear.textContent = recipient === '' ? 'Clear all' : `Clear +${recipient}`;
    at('no-message').hidden = state.messages.length > 0;
    at('none-found').hidden = state.messages.length === 0 || here.length > 0;
    const isAll = recipient === '' && search.value === ''; // else others may be unseen
    if (isAll && !document.hidden && !root.hidden) {
      markRead(state.messages[0]?.id ?? 0);
      showUnread();
    }
  }

  return {
    open(rest) {
      const [what = '', id = ''] = rest.split('/');
      recipient = what === 'to' ? id : '';
      selected = what === 'to' ? 0 : Number(what);
      shown = PAGE;
      show();
      if (selected > 0) list.querySelector('.selected')?.scrollIntoView({ block: 'center' });
    },
    update(topic) {
      if (topic !== 'messages') return;
      const isLinked = selected > 0 && !list.querySelector('.selected');
      show();
      if (isLinked) list.querySelector('.selected')?.scrollIntoView({ block: 'center' });
    },
  };
}

function recipientRow(number: string, all: readonly PhoneMessage[], isCurrent: boolean): HTMLElement {
  const [last] = all;
  return linkRow(
    number === '' ? '#/phone' : `#/phone/to/${number}`,
    isCurrent,
    h('span', { class: 'strong' }, number === '' ? 'All' : `+${number}`),
    h('span', { class: 'soft' }, count(all.length, 'message')),
    number !== '' && last !== undefined && h('span', { class: 'soft preview' }, last.text),
  );
}

function messageItem(message: PhoneMessage, isSelected: boolean): HTMLElement {
  const { id, number, from, text, code, segments, encoding, culprits, cost, gate } = message;
  const [status, mood] = STATUSES[message.status] ?? [`Status ${message.status}`, 'busy'];
  const size = segments === 0 ? 'by Telegram' : `${count(segments, 'segment')} of ${encoding}`;
  return h(
    'li',
    { class: isSelected ? 'message selected' : 'message', 'aria-current': isSelected && 'true' },
    h(
      'div',
      { class: 'line' },
      h('span', { class: 'strong' }, from),
      h('span', { class: 'soft' }, 'to ', h('a', { href: `#/phone/to/${number}` }, `+${number}`)),
      h(
        'a',
        {
          href: `#/phone/${id}`,
          class: 'soft end',
          'aria-label': `${timeOf(message.dateCreate * 1000)}: link to this message`,
        },
        timeElement(message.dateCreate * 1000),
      ),
    ),
    h('p', { class: 'bubble', dir: 'auto' }, text),
    code !== undefined &&
      h(
        'div',
        { class: 'line' },
        h('output', { class: 'code' }, code),
        copyButton(() => code, `code ${code}`),
      ),
    h(
      'div',
      { class: 'line soft' },
      h('span', { class: `status ${mood}` }, status),
      h('span', {}, `${size}${culprits && `, for ${culprits}`}`),
      h('span', {}, `${cost.toFixed(2)} ₽`),
      h('span', {}, `gate ${gate}`),
    ),
  );
}
