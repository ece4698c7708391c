/** `npm run contracts`: writes the contracts that are generated from the schemas in lib/ into docs/. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { COMMAND_DOCUMENT, EVENT_DOCUMENT } from './contracts/events.ts';
import { EVENTS_PAGE } from './contracts/events-page.ts';
import { OPENAPI } from './contracts/openapi.ts';

const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;

/** All generated files: their text by path from the project's root. */
export const CONTRACT_FILES: Readonly<Record<string, string>> = {
  'docs/events/sms.send.v1.schema.json': json(COMMAND_DOCUMENT),
  'docs/events/delivery-event.schema.json': json(EVENT_DOCUMENT),
  'docs/events/README.md': EVENTS_PAGE,
  'docs/openapi.json': json(OPENAPI),
};

if (import.meta.main) {
  for (const [path, text] of Object.entries(CONTRACT_FILES)) {
    await writeFile(resolve(import.meta.dirname, '..', path), text);
    console.log(path);
  }
}
