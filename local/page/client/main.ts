import { count, h } from './dom.ts';
import { faultsView } from './faults-view.ts';
import { phoneView } from './phone-view.ts';
import { requestsView } from './requests-view.ts';
import { sendView } from './send-view.ts';
import { connect, onChange, showUnread, state, type Topic, type View } from './store.ts';
import { templatesView } from './templates-view.ts';

const VIEWS: Readonly<Record<string, { title: string; create: () => View }>> = {
  phone: { title: 'Phone', create: phoneView },
  requests: { title: 'Requests', create: requestsView },
  templates: { title: 'Templates', create: templatesView },
  send: { title: 'Send', create: sendView },
  faults: { title: 'Faults', create: faultsView },
};

const opened = new Map<string, View>();
const main = document.querySelector('main') as HTMLElement;
const links = Object.entries(VIEWS).map(([name, { title }]) => {
  const badge = name === 'phone' && h('span', { id: 'unread', class: 'hidden' });
  return h('a', { href: `#/${name}`, 'data-view': name }, title, badge);
});
document.querySelector('#views')?.append(...links.map((link) => h('li', {}, link)));

function showProblem(text: string): void {
  const problem = document.querySelector('#problem') as HTMLElement;
  problem.hidden = text === '';
  problem.textContent = text;
}

function route(): void {
  showProblem('');
  const [, wanted = '', rest = ''] = /^#\/(\w+)\/?(.*)$/.exec(location.hash) ?? [];
  const name = Object.hasOwn(VIEWS, wanted) ? wanted : 'phone';
  const view = opened.get(name) ?? VIEWS[name]?.create();
  if (!view) return;
  opened.set(name, view);
  for (const link of links) {
    if (link.dataset['view'] === name) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (main.firstChild !== view.root) main.replaceChildren(view.root);
  view.open(rest);
}

function update(topic: Topic): void {
  for (const view of opened.values()) if (view.root.isConnected || topic === 'templates') view.update(topic);
  if (topic === 'messages') showUnread();
  if (topic === 'switches') {
    const on = state.switches.filter(({ on }) => on).length;
    const banner = document.querySelector('#faults-on') as HTMLElement;
    banner.hidden = on === 0;
    banner.textContent = `${count(on, 'fault')} on`;
  }
}

// Whatever a view could not do: the stack has ended, or refuses it.
addEventListener('unhandledrejection', ({ reason }) =>
  showProblem(String((reason as Error)?.message ?? reason)),
);
addEventListener('hashchange', route);
addEventListener('storage', showUnread); // another tab has read messages
document.addEventListener('visibilitychange', () => update('messages'));
document.querySelector('.skip')?.addEventListener('click', (event) => {
  event.preventDefault(); // its address would be a view's
  main.focus();
});
onChange(update);
route();
connect();
