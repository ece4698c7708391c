import { COMMAND_TYPE, type Command, commandSchema } from '../../lib/queue/command.ts';
import { eventBridgeSchema, inEnvelope } from './event-bridge.ts';
import { jsonSchemaOf, schemaDocument } from './json-schema.ts';

const SOURCE = 'https://shop.example.com/accounts';
const TIME = '2026-03-01T09:30:00Z';

/** A command with every field. */
export const COMMAND_EXAMPLE: Command = {
  specversion: '1.0',
  id: '01JNAX3M5Q4T8W2Z6Y9V1K7B0C',
  source: SOURCE,
  type: COMMAND_TYPE,
  time: TIME,
  data: {
    to: '+79031234567',
    type: 'SignIn',
    payload: { code: '482913' },
    locale: 'ru',
    ip: '203.0.113.24',
    expiresAt: '2026-03-01T09:35:00Z',
  },
};

/** The shortest command. */
const SHORTEST: Command = {
  specversion: '1.0',
  id: '01JNAX3M5Q4T8W2Z6Y9V1K7B0D',
  source: SOURCE,
  type: COMMAND_TYPE,
  time: TIME,
  data: { to: '79031234567', payload: { code: '482913' } },
};

/** The JSON Schema of a command, bare. */
export const COMMAND_SCHEMA = jsonSchemaOf(commandSchema);

/** The same as a file of its own. */
export const COMMAND_DOCUMENT = schemaDocument(
  COMMAND_TYPE,
  'Command to send a message: a CloudEvents 1.0 event in JSON',
  COMMAND_SCHEMA,
  [COMMAND_EXAMPLE, SHORTEST],
);

/** The JSON Schema of a command on a bus. @param command the schema of `detail`, or a reference to it */
export const commandOnBus = (command: object) => eventBridgeSchema([COMMAND_TYPE], undefined, { ...command });

/** A command on a bus. */
export const COMMAND_ON_BUS_EXAMPLE = inEnvelope(COMMAND_TYPE, 'shop.accounts', TIME, COMMAND_EXAMPLE);
