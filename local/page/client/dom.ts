/** An element of index.html by its id. */
export const at = <Kind extends HTMLElement = HTMLElement>(id: string): Kind =>
  document.getElementById(id) as Kind;

/** Attributes and listeners of an element; `class` and `aria-…` as in HTML. False and undefined are left out. */
type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: never) => void)>>;

type Child = Node | string | number | false | undefined;

/** Makes an element. Texts become text nodes: nothing of a message is ever read as HTML. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (value !== false && value !== undefined) {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  const there = children.filter((child) => child !== false && child !== undefined);
  element.append(...there.map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

/**
 * Shows items in a list, and keeps the element of each that is there already: focus, selection and scroll position stay where they are.
 *
 * @param versionOf an element is made again when this changes
 */
export function showList<Item>(
  list: HTMLElement,
  items: readonly Item[],
  keyOf: (item: Item) => string | number,
  versionOf: (item: Item) => string,
  create: (item: Item) => HTMLElement,
): void {
  const old = new Map([...list.children].map((child) => [(child as HTMLElement).dataset['key'], child]));
  const wanted = items.map((item) => {
    const key = String(keyOf(item));
    const version = versionOf(item);
    const known = old.get(key) as HTMLElement | undefined;
    if (known?.dataset['version'] === version) return known;
    const element = create(item);
    Object.assign(element.dataset, { key, version });
    if (known?.contains(document.activeElement)) replaceFocused(known, element);
    return element;
  });
  const kept = new Set<Element>(wanted);
  for (const child of [...list.children]) if (!kept.has(child)) child.remove();
  for (const [index, element] of wanted.entries()) {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  }
}

/** A row of a list that leads somewhere. @param isCurrent whether it leads to what is shown */
export const linkRow = (href: string, isCurrent: boolean, ...children: readonly Child[]): HTMLElement =>
  h('li', {}, h('a', { href, 'aria-current': isCurrent && 'true' }, ...children));

/** Puts a new element in, and the focus where it was. */
function replaceFocused(known: HTMLElement, element: HTMLElement): void {
  const focusable = 'a, button, input, textarea, select';
  const position = [...known.querySelectorAll(focusable)].indexOf(document.activeElement as Element);
  known.replaceWith(element);
  const focused = position < 0 ? element : [...element.querySelectorAll<HTMLElement>(focusable)][position];
  focused?.focus({ preventScroll: true });
}

/** What is in the clipboard, as far as this page knows: its button says so, also when its message is drawn again. */
let copied = '';

/** Shows on all buttons what was copied last. @param what '' if it is no longer what the page shows */
export function showCopied(what: string): void {
  copied = what;
  for (const button of document.querySelectorAll<HTMLElement>('[data-copy]')) {
    button.textContent = button.dataset['copy'] === what ? 'Copied' : 'Copy';
  }
}

/** A button that copies a text and says so. @param what what is copied, for the ear: `code 482913` */
export function copyButton(text: () => string, what: string): HTMLButtonElement {
  async function copy() {
    await navigator.clipboard.writeText(text());
    showCopied(what);
    announce(`Copied ${what}`);
  }
  return h(
    'button',
    { type: 'button', 'aria-label': `Copy ${what}`, 'data-copy': what, onclick: () => void copy() },
    copied === what ? 'Copied' : 'Copy',
  );
}

/** Has a screen reader say something. */
export function announce(text: string): void {
  at('announcer').textContent = text;
}

/** `1 message`, `2 messages` */
export const count = (number: number, word: string): string =>
  `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`;

/** `14:05:09` */
export const timeOf = (ms: number): string => new Date(ms).toLocaleTimeString('en-GB');

export const timeElement = (ms: number): HTMLElement =>
  h('time', { datetime: new Date(ms).toISOString() }, timeOf(ms));

/** JSON with line breaks; anything else as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
