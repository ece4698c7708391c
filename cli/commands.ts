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
  doctor: {
    usage: 'doctor',
    summary: 'check a stage from end to end, and say what to do',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  send: {
    usage: 'send --to 79031234567',
    summary: 'send a test message, and follow it until it is delivered',
    load: async () => (await import('./commands/send.ts')).send,
  },
  status: {
    usage: 'status ID',
    summary: 'what became of a message',
    load: async () => (await import('./commands/status.ts')).status,
  },
  replay: {
    usage: 'replay',
    summary: 'look at the dead letters, and put them back to be sent',
    load: async () => (await import('./commands/replay.ts')).replay,
  },
};
