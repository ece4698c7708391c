import type { FaultSwitch, SwitchedFor } from '../contract.ts';
import { announce, at, h, showList } from './dom.ts';
import { ask, state, type View } from './store.ts';

/** What a switch may be set to; the words stand on its buttons. */
const CHOICES: readonly (readonly [SwitchedFor, string])[] = [
  ['next_message', 'Next message'],
  ['until_off', 'Until off'],
];

/** Switches for everything that SMS Aero can do wrong. */
export function faultsView(): View {
  const clear = at<HTMLButtonElement>('all-off');
  clear.addEventListener('click', () => void ask('DELETE', '/api/switches'));

  function show(): void {
    clear.disabled = state.switches.every(({ on }) => on === undefined);
    showList(
      at('groups'),
      [...Map.groupBy(state.switches, ({ group }) => group)],
      ([name]) => name,
      ([, switches]) => JSON.stringify(switches),
      ([name, switches]) =>
        h(
          'section',
          { 'aria-label': name },
          h('h2', {}, name),
          h('ul', { class: 'switches' }, ...switches.map(row)),
        ),
    );
  }

  return {
    open: show,
    update(topic) {
      if (topic === 'switches') show();
    },
  };
}

function row({ name, title, effect, on }: FaultSwitch): HTMLElement {
  const toggle = ([choice, text]: (typeof CHOICES)[number]) =>
    h(
      'button',
      {
        type: 'button',
        'aria-pressed': String(on === choice),
        'aria-label': `${title}: ${text.toLowerCase()}`,
        onclick: () => void set(on === choice ? undefined : choice),
      },
      text,
    );
  async function set(choice: SwitchedFor | undefined): Promise<void> {
    const path = `/api/switches/${name}`;
    await (choice === undefined ? ask('DELETE', path) : ask('PUT', path, { for: choice }));
    announce(`${title}: ${choice === undefined ? 'off' : 'on'}`);
  }
  return h(
    'li',
    { class: on === undefined ? '' : 'on', 'data-name': name },
    h('span', { class: 'strong' }, title),
    h('span', { class: 'soft' }, effect),
    h('span', { class: 'line' }, ...CHOICES.map(toggle)),
  );
}
