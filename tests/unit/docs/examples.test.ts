import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type * as z from 'zod/mini';
import { checkConnector } from '../../../cli/check/check-connector.ts';
import { deliveryEventSchema, EVENT_SOURCE, EVENT_TYPES } from '../../../lib/delivery/events.ts';
import { messageReplySchema } from '../../../lib/delivery/message-reply.ts';
import { errorSchema } from '../../../lib/http/reply-schemas.ts';
import { asObject, type Fields } from '../../../lib/json.ts';
import { platformNamed } from '../../../lib/platforms/index.ts';
import { COMMAND_TYPE, parseTime, readCommand } from '../../../lib/queue/command.ts';
import { commandTree } from '../../support/cli.ts';
import { CONNECTOR } from '../../support/connector.ts';
import { httpEvent } from '../../support/http-event.ts';
import { type CodeBlock, codeBlocksOf, readPages, wordsOfCommand } from '../../support/pages.ts';

const pages = await readPages();
const blocks = pages.flatMap(codeBlocksOf);

/** A kind of JSON in the pages. */
interface Kind {
  readonly name: string;
  /** @param platform of the page, if it is one of a platform */
  recognises(json: unknown, platform: string | undefined): boolean;
  /** Reads it by the code that does so in the service. Throws if that would not take it. */
  read(json: unknown, platform: string | undefined): void;
}

const fieldsOf = (json: unknown): Fields => asObject(json) ?? {};

/** Every field is one that the schema has: it drops others. */
const isAs = (schema: z.ZodMiniType, json: unknown) => assert.deepEqual(schema.parse(json), json);

/** As `config check` does: not even a warning. @param json fields that replace those of a connector that is right */
function checkAsConnector(json: object): void {
  const { problems } = checkConnector({ ...CONNECTOR, ...json });
  assert.deepEqual(problems, []);
}

const post = (platform: string, body: string) => httpEvent({ path: `/sms/${platform}`, body });

const KINDS: readonly Kind[] = [
  {
    name: 'connector',
    recognises: (json) => 'templates' in fieldsOf(json) || 'senderNames' in fieldsOf(json),
    read: (json) => checkAsConnector(fieldsOf(json)),
  },
  {
    name: 'templates',
    recognises: (json) => [json].flat().every((entry) => 'usageType' in fieldsOf(entry)),
    read(json) {
      const templates = [json].flat().map(fieldsOf);
      const others = CONNECTOR.templates.filter((other: Fields) =>
        templates.every(
          (one) => one['usageType'] !== other['usageType'] || one['locale'] !== other['locale'],
        ),
      );
      checkAsConnector({ templates: [...templates, ...others] });
    },
  },
  {
    name: 'command',
    recognises: (json) => fieldsOf(json)['type'] === COMMAND_TYPE,
    read(json) {
      const now = parseTime(String(fieldsOf(json)['time']));
      assert.deepEqual(readCommand(JSON.stringify(json), now ?? 0).problems, undefined);
    },
  },
  {
    name: 'event',
    recognises: (json) => EVENT_TYPES.some((type) => fieldsOf(json)['detail-type'] === type),
    read(json) {
      assert.equal(fieldsOf(json)['source'], EVENT_SOURCE);
      isAs(deliveryEventSchema, fieldsOf(json)['detail']);
    },
  },
  {
    name: 'pattern of events',
    recognises: (json) => Array.isArray(fieldsOf(json)['source']),
    read(json) {
      const { source, 'detail-type': types = EVENT_TYPES, ...others } = fieldsOf(json);
      assert.deepEqual([source, Object.keys(others)], [[EVENT_SOURCE], []]);
      assert.ok([types].flat().every((type) => EVENT_TYPES.some((known) => known === type)));
    },
  },
  {
    name: 'status of a message',
    recognises: (json) => 'changedAt' in fieldsOf(json),
    read: (json) => isAs(messageReplySchema, json),
  },
  {
    name: 'error',
    recognises: (json) => fieldsOf(json)['status'] === 'error',
    read: (json) => isAs(errorSchema, json),
  },
  {
    name: 'answer to a platform',
    recognises: (json, platform) => answersOf(platform).some((schema) => schema.safeParse(json).success),
    read(json, platform) {
      const fitting = answersOf(platform).find((schema) => schema.safeParse(json).success);
      isAs(fitting ?? assert.fail(), json);
    },
  },
  {
    name: 'setting of a platform that leads to the service',
    recognises: (json) => urlsIn(json).length > 0,
    read: (json, platform) => assert.deepEqual(urlsIn(json), [`/sms/${platform}`]),
  },
  {
    name: 'request of a platform',
    recognises: (_, platform) => platform !== undefined,
    read(json, platform = '') {
      const message = platformNamed(platform)?.parse(post(platform, JSON.stringify(json)));
      assert.ok(message?.recipient);
    },
  },
];

/** Paths of the deployed API among the values. */
const urlsIn = (json: unknown): string[] =>
  Object.values(fieldsOf(json)).flatMap((value) => /execute-api\.[^/]+(\/.*)/.exec(String(value))?.[1] ?? []);

/** What a platform is answered where it has a form for it. */
function answersOf(name: string | undefined): z.ZodMiniType[] {
  const contract = name === undefined ? undefined : platformNamed(name)?.contract();
  return [contract?.accepted, contract?.failure].filter((schema) => schema !== undefined);
}

function platformOf({ at }: CodeBlock): string | undefined {
  const name = /^docs\/platforms\/([\w-]+)\.md:/.exec(at)?.[1] ?? '';
  return platformNamed(name)?.name;
}

describe('examples in the pages', () => {
  const json = blocks.filter(({ language }) => language === 'json');

  for (const block of json) {
    it(`${block.at}: JSON that the service reads`, () => {
      const value: unknown = JSON.parse(block.code);
      const platform = platformOf(block);
      const kind = KINDS.find(({ recognises }) => recognises(value, platform));
      assert.ok(kind, 'none of the kinds that the service reads');
      kind.read(value, platform);
    });
  }

  it('post bodies that their platform takes', async () => {
    const commands = blocks
      .filter(({ language }) => language === 'sh')
      .flatMap(({ at, code }) =>
        Array.from(code.matchAll(/^curl [^\n]*\/sms\/[\s\S]*?(?<!\\)\n/gm), ([command]) => ({ at, command })),
      );
    assert.ok(commands.length >= 3);
    for (const { at, command } of commands) {
      const [words = []] = await wordsOfCommand(command, 'curl');
      const url = words.find((word) => /\/sms\/[\w-]+$/.test(word)) ?? '';
      if (!/127\.0\.0\.1|execute-api/.test(url)) continue; // another service, such as ZITADEL's API
      const name = url.replace(/.*\//, '');
      const body = words[words.indexOf('-d') + 1] ?? '';
      assert.ok(platformNamed(name)?.parse(post(name, body)).recipient, `${at}: ${name}`);
    }
  });
});

it('commands in the pages, and their options, are those of the command line', async () => {
  const tree = commandTree();
  const globalOptions = tree.get('')?.options ?? [];
  const inText = pages.flatMap(({ path, text }) =>
    Array.from(text.matchAll(/`((?:npm run|npx) [^`\n]*smsaero [^`]*)`/g), ([, code = '']) => ({
      at: path,
      code: code.replaceAll('\n', ' '),
    })),
  );
  const all = [...blocks.filter(({ language }) => ['sh', ''].includes(language)), ...inText].flatMap(
    ({ at, code }) =>
      Array.from(
        code.matchAll(/(?:^|\$ )(?:npm run (?:--silent )?smsaero --|npx smsaero) ((?:[^\n\\]|\\\n)*)/gm),
        ([, command = '']) => ({ at, command }),
      ),
  );
  assert.ok(all.length > 30);
  const wrong: string[] = [];
  for (const { at, command } of all) {
    const words = command
      .replaceAll('\\\n', ' ')
      .replace(/[#|>].*/, '')
      .trim()
      .split(/\s+/);
    if (/^(?:…|<|&lt;|[A-Z])/.test(words[0] ?? '')) continue; // stands for any command
    const name = [`${words[0]} ${words[1]}`, words[0] ?? ''].find((one) => tree.has(one));
    const known = [...globalOptions, ...(tree.get(name ?? '')?.options ?? [])];
    const unknown = words.filter(
      (word) => word.startsWith('--') && !known.some(({ long }) => long === word) && word !== '--help',
    );
    // The page of the command line shows what a wrong option is answered with.
    if (command.includes('--dryrun')) continue;
    if (name === undefined || unknown.length > 0) wrong.push(`${at}: ${command}`);
  }
  assert.deepEqual(wrong, []);
});
