import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { deliveryEventSchema, EVENT_TYPES } from '../../../lib/delivery/events.ts';
import { commandSchema, readCommand } from '../../../lib/queue/command.ts';
import {
  COMMAND_DOCUMENT,
  COMMAND_EXAMPLE,
  EVENT_DOCUMENT,
  eventExample,
} from '../../../tools/contracts/events.ts';
import { EVENTS_PAGE } from '../../../tools/contracts/events-page.ts';
import { CONTRACT_FILES } from '../../../tools/contracts.ts';
import { problemsOf, undescribed } from '../../support/contracts.ts';
import { ROOT } from '../../support/pages.ts';

const NOW = Date.parse(COMMAND_EXAMPLE.time);

const changed = (changes: object, data: object = {}) => ({
  ...COMMAND_EXAMPLE,
  ...changes,
  data: { ...COMMAND_EXAMPLE.data, ...data },
});

suite('The schema of the command', () => {
  test('takes its examples, and so does the queue', () => {
    for (const example of COMMAND_DOCUMENT.examples) {
      assert.deepEqual(problemsOf(COMMAND_DOCUMENT, example), []);
      assert.deepEqual(readCommand(JSON.stringify(example), NOW).problems, undefined);
    }
  });

  const same: [string, object, boolean][] = [
    ['another version of CloudEvents', changed({ specversion: '0.3' }), false],
    ['a source that is too long', changed({ source: 'x'.repeat(256) }), false],
    ['further attributes', changed({ datacontenttype: 'application/json', subject: 'x' }), true],
    ['a time with an offset', changed({ time: '2026-03-01T12:30:00.5+03:00' }), true],
    ['a time without one', changed({ time: '2026-03-01T12:30:00' }), false],
    ['a day that is none', changed({}, { expiresAt: '2026-02-30T09:30:00Z' }), false],
    ['a small t and z', changed({}, { expiresAt: '2026-03-01t09:30:00z' }), true],
    ['no code', changed({}, { payload: {} }), false],
    ['a code that is a number', changed({}, { payload: { code: 482913 } }), false],
    ['further values', changed({}, { payload: { code: '1', app: { name: 'Shop' } } }), true],
    ['null for what may be absent', changed({}, { type: null, locale: null, ip: null }), true],
    ['an empty text for it', changed({}, { type: '', locale: '', ip: '' }), true],
    ['null for what must be there', changed({}, { to: null }), false],
  ];
  for (const [what, command, valid] of same) {
    test(`${valid ? 'takes' : 'refuses'} ${what}, as the service does`, () => {
      assert.equal(commandSchema.safeParse(command).success, valid);
      assert.equal(problemsOf(COMMAND_DOCUMENT, command).length === 0, valid);
    });
  }
});

test('The schema of the events takes an example of each kind, and the code makes no other detail', () => {
  for (const type of EVENT_TYPES) {
    const example = eventExample(type);
    assert.deepEqual(problemsOf(EVENT_DOCUMENT, example), []);
    assert.deepEqual(deliveryEventSchema.parse(example.detail), example.detail);
  }
});

test('Every field of the command and the events is described', () => {
  assert.deepEqual([...undescribed(COMMAND_DOCUMENT), ...undescribed(EVENT_DOCUMENT)], []);
});

for (const [path, text] of Object.entries(CONTRACT_FILES)) {
  test(`${path} is what the schemas say: npm run contracts`, async () => {
    assert.equal(await readFile(join(ROOT, path), 'utf8'), text);
  });
}

test('The page names the queue and the bus as the deployment does', async () => {
  for (const [file, name] of [
    ['queue.yml', 'smsaero-{stage}-commands'],
    ['events.yml', 'smsaero-{stage}'],
  ] as const) {
    assert.ok(EVENTS_PAGE.includes(`\`${name}\``), name);
    const deployed = await readFile(join(ROOT, 'infra', file), 'utf8');
    assert.ok(deployed.includes(`Name: ${name.replace('{stage}', `\${sls:stage}`)}\n`), file);
  }
});
