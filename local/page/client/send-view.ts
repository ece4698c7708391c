import type { OfferedPlatform, SampleRequest, SendForm, SentAnswer } from '../contract.ts';
import { announce, at, copyButton, h, pretty, showCopied } from './dom.ts';
import { ask, state, type View } from './store.ts';

const newCode = (): string => String(Math.floor(Math.random() * 1e6)).padStart(6, '0');

/** A code as each platform asks for it, with the answer beside it. */
export function sendView(): View {
  let platforms: readonly OfferedPlatform[] = [];
  let sample: SampleRequest | undefined;
  let previews = 0;
  /** The body as somebody edited it; undefined if the form says what it is. */
  let edited: string | undefined;
  const platform = at<HTMLSelectElement>('platform');
  const to = at<HTMLInputElement>('to');
  const code = at<HTMLInputElement>('code');
  const type = at<HTMLInputElement>('type');
  const locale = at<HTMLInputElement>('language');
  const body = at<HTMLTextAreaElement>('body');
  const answer = at('answer');
  const send = at<HTMLButtonElement>('send-button');
  code.value = newCode();
  at('for-a-shell').append(copyButton(() => sample?.curl ?? '', 'command'));

  const formOf = (): SendForm => ({
    platform: platform.value,
    to: to.value,
    code: code.value,
    type: type.value,
    locale: locale.value,
  });

  /** Makes the request again: of the form, or signed again for a body that somebody edited. */
  async function preview(text?: string): Promise<void> {
    edited = text;
    previews += 1;
    const mine = previews;
    const fields = { ...formOf(), ...(text === undefined ? {} : { body: text }) };
    const made = await ask<SampleRequest>('POST', '/api/send/preview', fields);
    if (mine !== previews) return;
    sample = made;
    if (text === undefined) body.value = made.body;
    const lines = Object.entries(made.headers).map(([name, value]) => `${name}: ${value}`);
    at('headers').textContent = [`POST ${made.url}`, ...lines].join('\n');
    at('curl').textContent = made.curl;
    showCopied('');
  }

  function showPlatform(): void {
    const chosen = platforms.find(({ name }) => name === platform.value);
    type.disabled = chosen?.hasType !== true;
    locale.disabled = chosen?.hasLocale !== true;
    void preview();
  }

  at('another-code').addEventListener('click', () => {
    code.value = newCode();
    void preview();
  });
  platform.addEventListener('change', showPlatform);
  for (const input of [to, code, type, locale]) input.addEventListener('input', () => void preview());
  body.addEventListener('input', () => void preview(body.value));
  at('send-form').addEventListener('submit', (event) => {
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
      h('pre', {}, pretty(text)),
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
      if (topic === 'connection' && state.hello && platforms.length > 0) void preview(edited);
    },
  };
}
