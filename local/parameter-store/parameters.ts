import { randomBytes } from 'node:crypto';
import { AwsError } from '../aws-json.ts';
import { validation } from './errors.ts';
import { checkName } from './input.ts';

/** What a parameter is put as. */
export interface ParameterValue {
  type: 'String' | 'StringList' | 'SecureString';
  value: string;
  /** KMS key of a SecureString, as its writer named it; AWS's own for Parameter Store unless told, also when it had another one before. */
  keyId?: string;
}

/** Where AWS would keep it: standard up to 4 KiB, advanced (paid) up to 8 KiB. */
export type Tier = 'Standard' | 'Advanced' | 'Intelligent-Tiering';

/** A parameter as it is kept. */
export interface StoredParameter extends ParameterValue {
  name: string;
  version: number;
  tier: 'Standard' | 'Advanced';
  /** Epoch seconds. */
  lastModified: number;
  /** What a SecureString reads as without decryption. */
  ciphertext: string;
}

const standardLimit = 4096;
const advancedLimit = 8192;

/** The parameters of one account and region. */
export class Parameters {
  readonly #parameters = new Map<string, StoredParameter>();

  /**
   * Creates a parameter or a new version of it.
   * @throws AwsError `ValidationException` for a bad name, an empty value, or one too large for its tier.
   */
  put(name: string, { type, value, keyId }: ParameterValue, tier: Tier = 'Standard'): StoredParameter {
    checkName(name);
    const size = Buffer.byteLength(value);
    if (size === 0) throw validation('Parameter value: length must be at least 1');
    if (/\{\{.*\}\}/s.test(value)) {
      throw validation(
        'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value: it will be considered as a parameter name.',
      );
    }
    const before = this.#parameters.get(name);
    // Intelligent tiering takes the cheap tier while the value fits; an advanced parameter never goes back.
    const small = tier === 'Standard' || (tier === 'Intelligent-Tiering' && size <= standardLimit);
    const kept = small && before?.tier !== 'Advanced' ? 'Standard' : 'Advanced';
    if (kept === 'Standard' && size > standardLimit) {
      throw validation(
        'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.',
      );
    }
    if (size > advancedLimit) {
      throw validation('Advanced tier parameters support a maximum parameter value of 8192 characters.');
    }
    const stored: StoredParameter = {
      name,
      type,
      value,
      ...(type === 'SecureString' ? { keyId: keyId ?? 'alias/aws/ssm' } : {}),
      version: (before?.version ?? 0) + 1,
      tier: kept,
      lastModified: Date.now() / 1000,
      // KMS ciphertexts in base64 begin like this; what follows is of no use to anybody.
      ciphertext: `AQICAHh${randomBytes(120).toString('base64')}`,
    };
    this.#parameters.set(name, stored);
    return stored;
  }

  /** Whether a name exists. */
  has(name: string): boolean {
    return this.#parameters.has(name);
  }

  /** Removes a parameter; false when there was none. */
  delete(name: string): boolean {
    return this.#parameters.delete(name);
  }

  /**
   * A parameter by name, by ARN, or with a version behind a colon (the newest version alone is kept).
   * @throws AwsError `ParameterNotFound` or `ParameterVersionNotFound`.
   */
  get(reference: string): StoredParameter {
    const found = this.find(reference);
    if (found === undefined) throw new AwsError('ParameterNotFound');
    return found;
  }

  /** As `get`, undefined when there is no such name. */
  find(reference: string): StoredParameter | undefined {
    const path = /^arn:[^:]*:ssm:[^:]*:[^:]*:parameter(\/.*)$/.exec(reference)?.[1] ?? reference;
    const [name = '', version] = path.split(':');
    // The ARN of a name without a slash has one in front all the same.
    const found =
      this.#parameters.get(name) ?? (path === reference ? undefined : this.#parameters.get(name.slice(1)));
    if (found && version !== undefined && Number(version) !== found.version) {
      throw new AwsError('ParameterVersionNotFound', `Systems Manager could not find version ${version}.`);
    }
    return found;
  }

  /** All parameters, by name. */
  all(): StoredParameter[] {
    return [...this.#parameters.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** What lies under a path (trailing slash or not): direct children, or everything below. */
  under(path: string, recursive: boolean): StoredParameter[] {
    const prefix = path.endsWith('/') ? path : `${path}/`;
    return this.all().filter(
      ({ name }) => name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes('/')),
    );
  }
}
