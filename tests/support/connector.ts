/** The secrets of Logto and of one's own backend in tests. */
export const LOGTO_SECRET = 'Bearer test-secret-0123456789';
export const DIRECT_SECRET = 'Bearer own-backend-0123456789';
export const SECRETS = { logto: LOGTO_SECRET, direct: DIRECT_SECRET };

let numbers = 0;
/** A number that no other message has, in a block of 1,000 of its own. */
export function newNumber(): string {
  numbers += 1;
  return `7903${String(numbers).padStart(4, '0')}001`;
}

/** The environment of functions that refuse nothing. */
export const NO_LIMITS: Readonly<Record<string, string>> = {
  SMSAERO_LIMIT_RECIPIENT_INTERVAL_S: '0',
  SMSAERO_LIMIT_RECIPIENT_10_MINUTES: '0',
  SMSAERO_LIMIT_RECIPIENT_DAY: '0',
  SMSAERO_LIMIT_ADDRESS_HOUR: '0',
  SMSAERO_LIMIT_BLOCK_HOUR: '0',
  SMSAERO_LIMIT_TOTAL_HOUR: '0',
};

/** A connector configuration as a Logto user has it, with a text in another language. */
export const CONNECTOR = {
  email: 'owner@my-shop.ru',
  apiKey: 'testKey_0123456789_testKey_01234',
  senderName: 'SMSAero',
  templates: [
    { usageType: 'Register', content: 'Код для регистрации: {{code}}' },
    { usageType: 'SignIn', content: 'Код для входа: {{code}}. Никому его не сообщайте.' },
    { usageType: 'SignIn', content: 'Your sign-in code is {{code}}.', locale: 'en' },
    { usageType: 'ForgotPassword', content: 'Код для смены пароля: {{code}}' },
    { usageType: 'Generic', content: 'Ваш код: {{code}}' },
  ],
};
