import {
  DeleteParameterCommand,
  GetParameterCommand,
  ParameterNotFound,
  PutParameterCommand,
  paginateDescribeParameters,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { readParameters } from '../../lib/config/parameter-store.ts';
import type { WrittenParameter } from '../../lib/config/parameters.ts';
import { CLIENT_TIMEOUTS } from './client.ts';

/** The parameters of one stage, to read and write: with the credentials and the region of whoever runs the command. */
export class StageParameters {
  /** `/smsaero/prod`. */
  readonly path: string;
  readonly #client = new SSMClient(CLIENT_TIMEOUTS);
  readonly #keyAlias: string | undefined;
  #keys: Map<string, string> | undefined;

  /** @param keyAlias KMS key that encrypts what is written, instead of the one that it has: `alias/mine` */
  constructor(stage: string, keyAlias?: string) {
    this.path = `/smsaero/${stage}`;
    this.#keyAlias = keyAlias;
  }

  /** A parameter, decrypted; undefined if there is none. */
  async read(name: string): Promise<{ value: string; type: string } | undefined> {
    try {
      const { Parameter } = await this.#client.send(
        new GetParameterCommand({ Name: `${this.path}/${name}`, WithDecryption: true }),
      );
      return Parameter && { value: Parameter.Value ?? '', type: Parameter.Type ?? 'String' };
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined;
      throw error;
    }
  }

  /**
   * The same of a secret: as a plain String it is there for everybody to read who may list parameters, and AWS refuses to change the type.
   *
   * @throws Error that says what to do
   */
  async readSecret(name: string): ReturnType<StageParameters['read']> {
    const stored = await this.read(name);
    if (stored && stored.type !== 'SecureString') {
      const again =
        name === 'hashKey' ? 'push again, which makes another one' : 'write it again with its value';
      throw new Error(
        `${this.path}/${name} is stored as a plain ${stored.type}, and AWS changes no type: delete it (aws ssm delete-parameter --name ${this.path}/${name}), then ${again}; nothing was written`,
      );
    }
    return stored;
  }

  async get(name: string): Promise<string | undefined> {
    return (await this.read(name))?.value;
  }

  /** All values, decrypted, by name below the path: `email`, `platforms/logto`. */
  all(): Promise<Map<string, string>> {
    return readParameters(this.path, (command) => this.#client.send(command));
  }

  /** Whether a secret parameter has another key than the one that was asked for. */
  async hasOtherKey(name: string): Promise<boolean> {
    if (this.#keyAlias === undefined) return false;
    this.#keys ??= await this.#describeKeys();
    return this.#keys.get(name) !== this.#keyAlias;
  }

  /**
   * Writes a parameter, whether it is there or not. Over 4 KB it becomes an advanced one. A secret one is encrypted with the key that it
   * has: Parameter Store would take its default key, which the functions of a stage with another key may not use.
   *
   * @param overwrite whether it may be there already
   */
  async put({ name, type, value }: WrittenParameter, overwrite = true): Promise<void> {
    const keyId = type === 'SecureString' ? (this.#keyAlias ?? (await this.#keyOf(name))) : undefined;
    await this.#client.send(
      new PutParameterCommand({
        Name: `${this.path}/${name}`,
        Type: type,
        Value: value,
        Overwrite: overwrite,
        Tier: 'Intelligent-Tiering',
        ...(keyId === undefined ? {} : { KeyId: keyId }),
      }),
    );
  }

  async delete(name: string): Promise<void> {
    await this.#client.send(new DeleteParameterCommand({ Name: `${this.path}/${name}` }));
  }

  /** Finds out whether there are credentials and a region, without a call to the service. @throws the SDK's error */
  async identify(): Promise<{ region: string }> {
    await this.#client.config.credentials();
    return { region: await this.#client.config.region() };
  }

  /** The key of a secret parameter; of a new one that of the stage's others, since a role may decrypt with only one key. */
  async #keyOf(name: string): Promise<string | undefined> {
    this.#keys ??= await this.#describeKeys();
    return this.#keys.get(name) ?? [...this.#keys.values()][0];
  }

  async #describeKeys(): Promise<Map<string, string>> {
    const keys = new Map<string, string>();
    const filter = { Key: 'Path', Option: 'Recursive', Values: [this.path] };
    const pages = paginateDescribeParameters({ client: this.#client }, { ParameterFilters: [filter] });
    for await (const { Parameters = [] } of pages) {
      for (const { Name = '', KeyId } of Parameters) {
        if (KeyId !== undefined) keys.set(Name.slice(this.path.length + 1), KeyId);
      }
    }
    return keys;
  }
}
