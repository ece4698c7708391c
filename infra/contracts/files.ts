import { COMMAND_TYPE } from '../../lib/queue/command.ts';
import { ASYNCAPI } from './asyncapi.ts';
import { COMMAND_DOCUMENT } from './command.ts';
import { EVENT_DOCUMENT } from './delivery-event.ts';
import { EVENTS_PAGE } from './events-page.ts';
import { OPENAPI } from './openapi/document.ts';

const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;

/** All generated files: their text by path from the project's root. */
export const CONTRACT_FILES: Readonly<Record<string, string>> = {
  [`docs/events/${COMMAND_TYPE}.schema.json`]: json(COMMAND_DOCUMENT),
  'docs/events/delivery-event.schema.json': json(EVENT_DOCUMENT),
  'docs/events/asyncapi.json': json(ASYNCAPI),
  'docs/events/README.md': EVENTS_PAGE,
  'docs/openapi.json': json(OPENAPI),
};
