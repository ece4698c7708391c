import { type Page, type PageOptions, startPage } from '../../local/page/server.ts';
import { Templates } from '../../local/page/templates.ts';
import {
  type Account,
  type AccountOptions,
  createAccount,
  type Gate,
  type Message,
  startGate,
} from '../../local/simulator/index.ts';

/** The page with the simulator behind it, without the functions. */
export interface PhoneStack {
  readonly account: Account;
  readonly gates: readonly [Gate, Gate];
  readonly page: Page;
  /** What was put into Parameter Store, by name. */
  readonly parameters: Map<string, string>;
  /** Has the simulator take a message, as if the service had sent it. */
  receive(text: string, number?: string): Message;
  /** Calls the page's API. @param body a text as it is, anything else as JSON */
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into JSON of any shape.
  call(method: string, path: string, body?: unknown): Promise<{ status: number; json: any }>;
  close(): Promise<void>;
}

/** Starts it. @param port of the page; any free one by default */
export async function startPhone(
  options: Partial<AccountOptions> & Pick<PageOptions, 'port' | 'environment'> = {},
): Promise<PhoneStack> {
  const { port = 0, environment = () => ({}), ...settings } = options;
  const account = createAccount({ email: 'a@example.com', apiKey: 'key', balance: 1e6, ...settings });
  const gates = [
    await startGate(account, { name: 'org' }),
    await startGate(account, { name: 'net' }),
  ] as const;
  const parameters = new Map<string, string>();
  const connector = {
    email: 'a@example.com',
    apiKey: 'key',
    senderName: 'SMSAero',
    templates: ['Register', 'SignIn', 'ForgotPassword', 'Generic'].map((usageType) => ({
      usageType,
      content: `Your ${usageType} code is {{code}}.`,
    })),
  };
  const templates = new Templates(connector, (name, value) => parameters.set(name, value));
  const page = await startPage({
    account,
    gates,
    templates,
    port,
    environment,
    apiUrl: 'http://127.0.0.1:3999',
  });
  return {
    account,
    gates,
    page,
    parameters,
    receive: (text, number = '79031234567') => account.accept({ number, text, from: 'SMSAero', gate: 'org' }),
    async call(method, path, body) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const init = { method, ...(body === undefined ? {} : { body: text }) };
      const response = await fetch(`${page.url}${path}`, init);
      const answer = await response.text();
      return { status: response.status, json: answer === '' ? undefined : JSON.parse(answer) };
    },
    async close() {
      await Promise.all([page, account, ...gates].map((part) => part.close()));
    },
  };
}
