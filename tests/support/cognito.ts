/** Real Cognito events and ciphertexts, and a pool that plays its custom authentication flow against a function. */
export * from '../../local/cognito/index.ts';
