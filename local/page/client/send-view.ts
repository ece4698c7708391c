import { USAGE_TYPES } from '../../../lib/templates/template.ts';
import type { OfferedPlatform, SampleRequest, SendForm, SentAnswer } from '../contract.ts';
import { announce, copyButton, h, showCopied } from './dom.ts';
import { pretty } from './requests-view.ts';
import { ask, state, type View } from './store.ts';

const BODY_LINES = 12;

const newCode = (): string =>
  String(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0)
    .slice(-6)
    .padStart(6, '0');

/** A code as each platform asks for it, with the answer beside it. */
export function sendView(): View {
  let platforms: readonly OfferedPlatform[] = [];
  let sample: SampleRequest | undefined;
  let previews = 0;
  const platform = h('select', { id: 'platform' });
  const to = h('input', { id: 'to', type: 'tel', value: '79031234567', autocomplete: 'off' });
  const code = h('input', { id: 'code', value: newCode(), autocomplete: 'off' });
  const type = h('input', { id: 'type', value: 'SignIn', list: 'types' });
  const locale = h('input', { id: 'language', placeholder: 'as in the body', autocomplete: 'off' });
  const body = h('textarea', { id: 'body', rows: BODY_LINES, spellcheck: 'false' });
  const headers = h('pre', { tabindex: 0 });
  const curl = h('pre', { tabindex: 0, id: 'curl' });
  const answer = h(
    'section',
    { 'aria-label': 'Answer', class: 'details' },
    h('p', { class: 'soft' }, 'No answer yet.'),
  );
  const another = h('button', { type: 'button', onclick: renewCode }, 'Another code');
  const send = h('button', { type: 'submit', class: 'primary' }, 'Send');
  const field = (label: string, input: HTMLElement) =>
    h('div', {}, h('label', { for: input.id }, label), input);
  const form = h(
    'form',
    { 'aria-labelledby': 'send-title' },
    h('h1', { id: 'send-title' }, 'Send'),
    h(
      'div',
      { class: 'line fields' },
      field('Platform', platform),
      field('Phone number', to),
      field('Usage type', type),
      field('Locale', locale),
      field('Code', code),
      another,
    ),
    h('datalist', { id: 'types' }, ...USAGE_TYPES.map((name) => h('option', { value: name }))),
    field('Body', body),
    h('p', {}, send),
  );
  const root = h(
    'div',
    { class: 'columns wide' },
    form,
    h(
      'div',
      {},
      answer,
      h('h2', {}, 'Headers'),
      headers,
      h(
        'div',
        { class: 'line' },
        h('h2', {}, 'For a shell'),
        copyButton(() => sample?.curl ?? '', 'command'),
      ),
      curl,
    ),
  );

  const formOf = (): SendForm => ({
    platform: platform.value,
    to: to.value,
    code: code.value,
    type: type.value,
    locale: locale.value,
  });

  /** Makes the request again: of the form, or signed again for a body that somebody edited. */
  async function preview(edited?: string): Promise<void> {
    previews += 1;
    const mine = previews;
    const fields = { ...formOf(), ...(edited === undefined ? {} : { body: edited }) };
    const made = await ask<SampleRequest>('POST', '/api/send/preview', fields);
    if (mine !== previews) return;
    sample = made;
    if (edited === undefined) body.value = made.body;
    const lines = Object.entries(made.headers).map(([name, value]) => `${name}: ${value}`);
    headers.textContent = [`POST ${made.url}`, ...lines].join('\n');
    curl.textContent = made.curl;
    showCopied('');
  }

  function showPlatform(): void {
    const chosen = platforms.find(({ name }) => name === platform.value);
    type.disabled = chosen?.hasType !== true;
    locale.disabled = chosen?.hasLocale !== true;
    void preview();
  }

  function renewCode(): void {
    code.value = newCode();
    void preview();
  }

  platform.addEventListener('change', showPlatform);
  for (const input of [to, code, type, locale]) input.addEventListener('input', () => void preview());
  body.addEventListener('input', () => void preview(body.value));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });

  async function submit(): Promise<void> {
    send.disabled = true;
    try {
      const sent = await ask<SentAnswer>('POST', '/api/send', { ...formOf(), body: body.value });
      show(sent);
    } catch (error) {
      answer.replaceChildren(h('p', { class: 'bad' }, (error as Error).message));
    }
    send.disabled = false;
    send.focus();
  }

  function show({ status, durationMs, requestId, body: text }: SentAnswer): void {
    const isGood = status < 400;
    answer.replaceChildren(
      h('h2', {}, 'Answer'),
      h('p', { class: `status strong ${isGood ? 'good' : 'bad'}` }, `${status} after ${durationMs} ms`),
      h('pre', { tabindex: 0 }, pretty(text)),
      h(
        'p',
        { class: 'line' },
        h('a', { href: '#/phone' }, 'Phone'),
        requestId !== undefined && h('a', { href: `#/requests/${requestId}` }, 'What the service did'),
      ),
    );
    announce(`Answer ${status}`);
  }

  return {
    root,
    open() {
      if (platforms.length > 0) return;
      void ask<OfferedPlatform[]>('GET', '/api/platforms').then((all) => {
        platforms = all;
        platform.replaceChildren(...all.map(({ name, title }) => h('option', { value: name }, title)));
        platform.value = 'logto'; // what most who try it have
        showPlatform();
      });
    },
    update(topic) {
      if (topic === 'connection' && state.hello && platforms.length > 0) void preview(body.value);
    },
  };
}
