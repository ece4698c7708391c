import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shown } from '../../../cli/format.ts';

describe('shown', () => {
  it('masks a number in any writing', () => {
    for (const [text, masked] of [
      ['order 79031234567', 'order +7903•••4567'],
      ['+7 (903) 123-45-67', '+7903•••4567'],
      ['8.903.123.45.67!', '+7903•••4567!'],
      ['8 (495) 123-45-67', '8495•••4567'],
      ['84951234567', '8495•••4567'],
      ['+84951234567', '+8495•••4567'],
      ['79031234567 79161112233', '7903•••2233'],
      ['7–903–123–45–67', '+7903•••4567'],
      ['٧٩٠٣١٢٣٤٥٦٧', '•••'],
    ]) {
      assert.equal(shown(text ?? ''), masked);
    }
  });

  it('leaves what is no number', () => {
    for (const text of [
      ...['order-1', '2026-11-24T23:44', '123456789', '12345678901234567890', 'https://a.example/1'],
    ]) {
      assert.equal(shown(text), text);
    }
  });

  it('leaves nothing that a terminal obeys', () => {
    assert.equal(shown('a\u001b[2J\nb\r\u009bc\u202ed\u0000'), 'a�[2J�b��c�d�');
  });
});
