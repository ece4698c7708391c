import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { it } from 'node:test';
import { decodeNamedCurves as original } from '@aws-crypto/material-management/build/main/src/ecc_decode.js';
import { decodeNamedCurves } from '../../../infra/bundle/ecc-decode.ts';

for (const curve of ['prime256v1', 'secp384r1'] as const) {
  it(`a compressed point of ${curve} becomes what the Encryption SDK makes of it`, () => {
    for (let round = 0; round < 50; round++) {
      const pair = createECDH(curve);
      pair.generateKeys();
      const compressed = pair.getPublicKey(null, 'compressed');
      const whole = decodeNamedCurves[curve](compressed);
      assert.deepEqual(whole, new Uint8Array(pair.getPublicKey()));
      assert.deepEqual(whole, original[curve]?.(compressed));
    }
  });

  it(`what is no point of ${curve} is refused`, () => {
    const length = curve === 'prime256v1' ? 33 : 49;
    assert.throws(() => decodeNamedCurves[curve](new Uint8Array(length).fill(0xff)));
    assert.throws(() => decodeNamedCurves[curve](new Uint8Array(length - 1).fill(2)));
  });
}
