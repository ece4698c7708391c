import { randomInt, randomUUID } from 'node:crypto';
import { AwsError } from '../aws-json.ts';
import type { StringMap } from './events.ts';

/** A person in the pool. */
export interface User {
  /** UUID: what the triggers get as the user name, since people sign in by phone. */
  readonly name: string;
  readonly phone: string;
  readonly locale: string | undefined;
  confirmed: boolean;
  /** The code that was sent last, 6 digits. */
  code: string;
}

/** The people of a pool that is signed up to with a phone number. */
export class Users {
  readonly #users = new Map<string, User>();

  /**
   * Signs somebody up who is not confirmed yet.
   * @throws AwsError `UsernameExistsException`, `InvalidParameterException`
   */
  add(phone: string, locale: string | undefined): User {
    if (!/^\+\d{7,15}$/.test(phone)) {
      throw new AwsError('InvalidParameterException', 'Username should be a phone number: +79031234567');
    }
    if (this.#users.has(phone)) {
      throw new AwsError('UsernameExistsException', 'An account with the given phone_number already exists.');
    }
    const user = { name: randomUUID(), phone, locale, confirmed: false, code: newCode() };
    this.#users.set(phone, user);
    return user;
  }

  /** Somebody by phone number. */
  find(phone: string): User | undefined {
    return this.#users.get(phone);
  }

  /**
   * Somebody by phone number who must be there.
   * @throws AwsError `UserNotFoundException`
   */
  get(phone: string): User {
    const user = this.find(phone);
    if (!user) throw new AwsError('UserNotFoundException', 'Username/client id combination not found.');
    return user;
  }

  /**
   * Checks the code that was sent last, which is valid once.
   * @throws AwsError `CodeMismatchException`, `UserNotFoundException`
   */
  confirm(phone: string, code: string): User {
    const user = this.get(phone);
    if (code !== user.code) {
      throw new AwsError('CodeMismatchException', 'Invalid verification code provided, please try again.');
    }
    user.code = newCode();
    user.confirmed = true;
    return user;
  }
}

/** Six digits, as Cognito's. */
export function newCode(): string {
  return String(randomInt(1_000_000)).padStart(6, '0');
}

/** What the triggers get of a person. */
export function attributesOf({ name, phone, locale, confirmed }: User): StringMap {
  return {
    sub: name,
    'cognito:user_status': confirmed ? 'CONFIRMED' : 'UNCONFIRMED',
    phone_number: phone,
    phone_number_verified: String(confirmed),
    ...(locale === undefined ? {} : { locale }),
  };
}
