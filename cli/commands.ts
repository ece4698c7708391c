import type { Command } from './command.ts';

/** A command in the list: what it is called, and where it is. */
export interface CommandEntry {
  /** The command with its words, as in the help: `config push connector.json`. */
  readonly usage: string;
  readonly summary: string;
  load(): Promise<Command>;
}

/** All commands by name, in the order of the help. Each is loaded when it is run: the AWS SDK takes its time. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  'config check': {
    usage: 'config check connector.json',
    summary: "check a Logto connector's JSON: problems, encoding, segments, links",
    load: async () => (await import('./commands/config-check.ts')).configCheck,
  },
  'config push': {
    usage: 'config push connector.json',
    summary: 'check it, show what changes, and write it to Parameter Store',
    load: async () => (await import('./commands/config-push.ts')).configPush,
  },
  'config pull': {
    usage: 'config pull',
    summary: "print a stage's connector JSON, without secrets",
    load: async () => (await import('./commands/config-pull.ts')).configPull,
  },
  'secret add': {
    usage: 'secret add logto',
    summary: "make a secret for a platform's calls and print it",
    load: async () => (await import('./commands/secret-add.ts')).secretAdd,
  },
  'secret remove': {
    usage: 'secret remove logto',
    summary: 'take the older of two secrets away',
    load: async () => (await import('./commands/secret-remove.ts')).secretRemove,
  },
  'secret list': {
    usage: 'secret list [logto]',
    summary: 'how many secrets each platform has, with fingerprints',
    load: async () => (await import('./commands/secret-list.ts')).secretList,
  },
};
