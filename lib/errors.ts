/** What all errors of this project have in common. Each writes its name out, since the bundler shortens the names of classes. */
export abstract class ServiceError extends Error {
  abstract override readonly name: string;
}
