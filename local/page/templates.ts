import { EventEmitter } from 'node:events';
import { checkConnector } from '../../cli/check/check-connector.ts';
import { costOf } from '../../cli/check/encoding.ts';
import { parametersOf } from '../../lib/config/parameters.ts';
import type { Fields } from '../../lib/json.ts';
import { placeholdersOf } from '../../lib/templates/placeholders.ts';
import { renderTemplate } from '../../lib/templates/render.ts';
import type { Template } from '../../lib/templates/template.ts';
import type { Account } from '../simulator/index.ts';
import type { CheckedTemplates, TemplatePreview } from './contract.ts';

/** What a part of several segments holds (GSM 03.40). */
const PART = { 'GSM-7': 153, 'UCS-2': 67 } as const;

const SAMPLE_CODE = '482913';
const SAMPLE_NUMBER = '+79031234567';

/** Roubles for a segment, and for a code by Telegram. */
type Prices = Pick<Account, 'price' | 'telegramPrice'>;

/** The connector.json of the local stack, whose templates may be edited while it runs. */
export class Templates {
  /** `saved`: other templates are in use. */
  readonly events = new EventEmitter<{ saved: [] }>();
  readonly #prices: Prices;
  readonly #put: (name: string, value: string) => void;
  #connector: Fields & { readonly templates: readonly Template[] };

  /** @param put writes a parameter of the stage, by its name below the stage's path */
  constructor(
    connector: object & { readonly templates: readonly Template[] },
    prices: Prices,
    put: (name: string, value: string) => void,
  ) {
    this.#connector = { ...connector };
    this.#prices = prices;
    this.#put = put;
    this.events.setMaxListeners(0);
  }

  get current(): readonly Template[] {
    return this.#connector.templates;
  }

  /** The file with the templates in use, as `config push` takes it. */
  get file(): string {
    return `${JSON.stringify(this.#connector, undefined, 2)}\n`;
  }

  /** Checks templates as `config check` does, and renders each. @param templates anything: what is wrong with it is a problem */
  check(templates: unknown): CheckedTemplates {
    const { problems } = checkConnector({ ...this.#connector, templates });
    const list = (Array.isArray(templates) ? templates : []) as Template[];
    const previews = list.map((template) => preview(template, this.#prices));
    return { templates: list, previews, problems };
  }

  /** Uses other templates from now on, if there is no error in them. @returns what is wrong with them, as {@link check} */
  save(templates: unknown): CheckedTemplates {
    const { connector } = checkConnector({ ...this.#connector, templates });
    if (connector) {
      this.#connector = { ...this.#connector, templates: connector.templates };
      const parameter = parametersOf(connector).find(({ name }) => name === 'templates');
      if (parameter) this.#put(parameter.name, parameter.value);
      this.events.emit('saved');
    }
    return this.check(templates);
  }
}

function preview(template: Template, { price, telegramPrice }: Prices): TemplatePreview | undefined {
  if (typeof template?.content !== 'string') return undefined;
  const others = placeholdersOf(template.content).filter((path) => path !== 'code');
  const samples = Object.fromEntries(others.map((path) => [path.split('.')[0] ?? '', '']));
  const rendered = renderTemplate(template, { ...samples, code: SAMPLE_CODE }, SAMPLE_NUMBER);
  const text = rendered?.text ?? template.content;
  const { encoding, segments, used, room, culprits } = costOf(text);
  const left = (segments === 1 ? room : segments * PART[encoding]) - used;
  return {
    text,
    encoding,
    culprits,
    segments,
    left: Math.max(0, left),
    costPer1000: Math.round(segments * price * 1_000),
    telegramPer1000: template.channel === 'telegram' ? Math.round(telegramPrice * 1_000) : undefined,
  };
}
