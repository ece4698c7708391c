import { ECDH } from 'node:crypto';

/**
 * Stands in the bundle for `ecc_decode` of `@aws-crypto/material-management`, which finds a point of an elliptic curve with big
 * numbers in JavaScript: about 10 ms of the first decryption. OpenSSL does the same, and refuses what is no point of the curve.
 *
 * @throws Error for a text of bytes that is no compressed point
 */
function decodeOn(curve: string, keyLength: number): (compressed: Uint8Array) => Uint8Array {
  return (compressed) => {
    if (compressed.byteLength !== 1 + keyLength) throw new Error('Compressed point length is not correct.');
    const point = ECDH.convertKey(compressed, curve, undefined, undefined, 'uncompressed');
    return new Uint8Array(point as Buffer);
  };
}

const prime256v1 = decodeOn('prime256v1', 32);
const secp384r1 = decodeOn('secp384r1', 48);

/** Makes a whole point (4, x, y) of a compressed one, by the name that Node or a browser has for the curve. */
export const decodeNamedCurves = Object.freeze({
  prime256v1,
  secp384r1,
  'P-256': prime256v1,
  'P-384': secp384r1,
});
