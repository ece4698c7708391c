import { randomBytes, randomUUID } from 'node:crypto';
import { AwsError, accessDenied } from '../aws-json.ts';
import { notFound, validation } from './errors.ts';

/** A symmetric key as it is kept. */
export interface Key {
  readonly arn: string;
  readonly region: string;
  /** UUID, the end of the ARN. */
  readonly id: string;
  /** 32 bytes. */
  readonly material: Buffer;
  enabled: boolean;
  /** Operations that the caller may not use with it; `*` for all. */
  readonly denied: Set<string>;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The keys of one account. */
export class Keys {
  readonly #keys = new Map<string, Key>();

  /**
   * Makes a key.
   * @param arn its ARN, with a UUID at the end; a new one in `eu-central-1` unless told.
   * @throws AwsError `ValidationException` for an ARN that is no key's.
   */
  create(arn = `arn:aws:kms:eu-central-1:000000000000:key/${randomUUID()}`): Key {
    const [, region = '', id = ''] =
      /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:key\/([0-9a-f-]{36})$/.exec(arn) ?? [];
    if (!uuid.test(id)) throw validation(`Invalid arn ${arn}`);
    const key: Key = { arn, region, id, material: randomBytes(32), enabled: true, denied: new Set() };
    this.#keys.set(id, key);
    return key;
  }

  /** Removes a key, as after its waiting period. */
  delete(arn: string): boolean {
    return this.#keys.delete(this.get(arn).id);
  }

  /**
   * A key by ARN.
   * @throws AwsError `NotFoundException`.
   */
  get(arn: string): Key {
    const key = this.byId(arn.slice(arn.lastIndexOf('/') + 1));
    if (key?.arn !== arn) throw notFound(arn);
    return key;
  }

  /** A key by its UUID. */
  byId(id: string): Key | undefined {
    return this.#keys.get(id);
  }

  /**
   * The key that a caller in a region may use for an operation, named by ARN or UUID. Aliases are not kept.
   * @throws AwsError `NotFoundException`, `AccessDeniedException` or `DisabledException`.
   */
  use(reference: string, region: string, operation: string): Key {
    if (reference.startsWith('arn:') && reference.split(':')[3] !== region) {
      throw new AwsError('NotFoundException', `Invalid arn ${reference.split(':')[3]}`);
    }
    const key = uuid.test(reference) ? this.byId(reference) : this.get(reference);
    if (!key || key.region !== region) throw notFound(reference);
    if (key.denied.has('*') || key.denied.has(operation)) throw accessDenied('kms', operation, key.arn);
    if (!key.enabled) throw new AwsError('DisabledException', `${key.arn} is disabled.`);
    return key;
  }
}
