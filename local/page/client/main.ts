import { USAGE_TYPES } from '../../../lib/templates/template.ts';
import { at, count, h } from './dom.ts';
import { faultsView } from './faults-view.ts';
import { phoneView } from './phone-view.ts';
import { requestsView } from './requests-view.ts';
import { sendView } from './send-view.ts';
import { connect, showUnread, state, type Topic, type View } from './store.ts';
import { templatesView } from './templates-view.ts';

/** By the id of their element, which stands in the address as well. */
const VIEWS: Readonly<Record<string, View>> = {
  phone: phoneView(),
  requests: requestsView(),
  templates: templatesView(),
  send: sendView(),
  faults: faultsView(),
};

const links = document.querySelectorAll<HTMLElement>('nav a');
at('usage-types').append(...USAGE_TYPES.map((value) => h('option', { value })));

function showProblem(text: string): void {
  at('problem').hidden = text === '';
  at('problem').textContent = text;
}

function route(): void {
  showProblem('');
  const [, wanted = '', rest = ''] = /^#\/(\w+)\/?(.*)$/.exec(location.hash) ?? [];
  const opened = Object.hasOwn(VIEWS, wanted) ? wanted : 'phone';
  for (const link of links) link.ariaCurrent = link.dataset['view'] === opened ? 'page' : null;
  for (const name of Object.keys(VIEWS)) at(name).hidden = name !== opened;
  VIEWS[opened]?.open(rest);
}

function update(topic: Topic): void {
  for (const [name, view] of Object.entries(VIEWS)) {
    if (!at(name).hidden || topic === 'templates') view.update(topic);
  }
  if (topic === 'messages') showUnread();
  if (topic === 'switches') {
    const on = state.switches.filter(({ on }) => on).length;
    at('faults-on').hidden = on === 0;
    at('faults-on').textContent = `${count(on, 'fault')} on`;
  }
}

// Whatever a view could not do: the stack has ended, or refuses it.
addEventListener('unhandledrejection', ({ reason }) =>
  showProblem(String((reason as Error)?.message ?? reason)),
);
addEventListener('hashchange', route);
addEventListener('storage', showUnread); // another tab has read messages
document.addEventListener('visibilitychange', () => update('messages'));
at('skip').addEventListener('click', (event) => {
  event.preventDefault(); // its address would be a view's
  at('main').focus();
});
route();
connect(update);
