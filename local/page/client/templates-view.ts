import type { Template } from '../../../lib/templates/template.ts';
import type { CheckedTemplates, TemplatePreview } from '../contract.ts';
import { at, count, h, linkRow, showList } from './dom.ts';
import { ask, type View } from './store.ts';

/** The texts: a list of them, and one to edit. What is saved is in the next message. */
export function templatesView(): View {
  let saved = '';
  let edited: Template[] = [];
  let checked: CheckedTemplates = { templates: [], previews: [], problems: [] };
  let index = 0;
  let checks = 0;
  const type = at<HTMLInputElement>('usage-type');
  const locale = at<HTMLInputElement>('locale');
  const links = at<HTMLInputElement>('links');
  const telegram = at<HTMLInputElement>('telegram');
  const content = at<HTMLTextAreaElement>('content');
  const save = at<HTMLButtonElement>('save');
  const revert = at<HTMLButtonElement>('revert');
  const note = at('note');
  save.addEventListener('click', () => void saveAll());
  revert.addEventListener('click', () => {
    note.textContent = '';
    edited = [];
    void load();
  });
  at('remove').addEventListener('click', () => {
    edited.splice(index, 1);
    select(Math.max(0, index - 1));
    void check();
  });
  at('add').addEventListener('click', () => {
    edited.push({ usageType: edited[index]?.usageType ?? 'Generic', locale: 'en', content: '{{code}}' });
    select(edited.length - 1);
    void check();
    locale.focus();
  });
  for (const input of [type, locale, links, telegram, content]) {
    input.addEventListener('input', () => {
      edited[index] = {
        usageType: type.value,
        content: content.value,
        ...(locale.value ? { locale: locale.value } : {}),
        ...(links.checked ? { links: true } : {}),
        ...(telegram.checked ? { channel: 'telegram' } : {}),
        ...otherFields(edited[index]),
      };
      void check();
    });
  }

  const isChanged = () => JSON.stringify(edited) !== saved;

  function select(wanted: number): void {
    index = wanted;
    const template = edited[index];
    type.value = template?.usageType ?? '';
    locale.value = template?.locale ?? '';
    links.checked = template?.links === true;
    telegram.checked = template?.channel === 'telegram';
    content.value = template?.content ?? '';
    show();
  }

  /** Shows the templates in use. What somebody has typed stays, also what they type while the answer is under way. */
  async function load(): Promise<void> {
    const answer = await ask<CheckedTemplates>('GET', '/api/templates');
    const inUse = JSON.stringify(answer.templates);
    if (edited.length > 0 && isChanged() && inUse !== JSON.stringify(edited)) {
      const others = 'Others were saved elsewhere: save yours, or undo your changes to see them.';
      if (inUse !== saved) note.textContent = others;
      return;
    }
    checks += 1; // an answer to what was typed before comes too late
    checked = answer;
    edited = structuredClone([...answer.templates]);
    saved = JSON.stringify(edited);
    select(Math.min(index, edited.length - 1));
  }

  /** The answer to what was typed last counts, however answers overtake each other. */
  async function check(): Promise<void> {
    note.textContent = '';
    checks += 1;
    const mine = checks;
    const answer = await ask<CheckedTemplates>('POST', '/api/templates/check', edited);
    if (mine !== checks) return;
    checked = answer;
    show();
  }

  async function saveAll(): Promise<void> {
    checked = await ask<CheckedTemplates>('PUT', '/api/templates', edited);
    const isSaved = !hasErrors();
    if (isSaved) saved = JSON.stringify(edited);
    show();
    note.textContent = isSaved ? 'Saved: the next message uses it.' : 'Not saved.';
  }

  const hasErrors = () => checked.problems.some(({ level }) => level === 'error');

  const problemsOf = (position: number) =>
    checked.problems.filter(({ path }) => `${path}.`.startsWith(`templates.${position}.`));

  function show(): void {
    showList(
      at('template-list'),
      [...edited.entries()],
      ([position]) => position,
      ([position, template]) =>
        JSON.stringify([position === index, template.usageType, template.locale, problemsOf(position)]),
      ([position, template]) => row(position, template),
    );
    save.disabled = hasErrors() || !isChanged();
    revert.disabled = !isChanged();
    const preview = checked.previews[index];
    at('preview').textContent = preview?.text ?? '';
    at('facts').textContent = preview ? factsOf(preview) : '';
    const own = problemsOf(index);
    at('problems').replaceChildren(
      ...own.map(({ level, path, text }) => {
        const name = path.split('.').slice(2).join('.');
        return h('li', { class: level === 'error' ? 'bad' : 'busy' }, `${level}: ${name} ${text}`);
      }),
    );
    const elsewhere = checked.problems.filter(
      ({ level, path }) => level === 'error' && !/^templates\.\d/.test(path),
    );
    at('other-problems').textContent = elsewhere.map(({ path, text }) => `${path} ${text}`).join('; ');
  }

  function row(position: number, { usageType, locale = '' }: Template): HTMLElement {
    const own = problemsOf(position);
    const isBad = own.some(({ level }) => level === 'error');
    const found = count(own.length, isBad ? 'problem' : 'hint');
    return linkRow(
      `#/templates/${position}`,
      position === index,
      h('span', { class: 'strong' }, usageType || '(no type)'),
      h('span', { class: 'soft' }, locale || 'any language'),
      own.length > 0 && h('span', { class: `end ${isBad ? 'bad' : 'busy'}` }, found),
    );
  }

  return {
    open(rest) {
      if (edited.length === 0) {
        index = Number(rest);
        void load();
      } else {
        select(Math.min(Number(rest), edited.length - 1));
      }
    },
    update(topic) {
      if (topic === 'templates') void load();
    },
  };
}

/** Fields of a template that this form does not know stay as they are. */
function otherFields(template: Template | undefined): object {
  const known = ['usageType', 'content', 'locale', 'links', 'channel'];
  return Object.fromEntries(Object.entries(template ?? {}).filter(([name]) => !known.includes(name)));
}

function factsOf({ telegramPer1000, ...preview }: TemplatePreview): string {
  const { encoding, culprits, segments, left, costPer1000 } = preview;
  const roubles = (cost: number) => `${cost.toLocaleString('en')} ₽`;
  return [
    `${count(segments, 'segment')} of ${encoding}${culprits && `, for ${culprits}`}`,
    `${count(left, 'character')} left`,
    `1,000 SMS cost ${roubles(costPer1000)}`,
    ...(telegramPer1000 === undefined ? [] : [`1,000 by Telegram ${roubles(telegramPer1000)}`]),
  ].join(' · ');
}
