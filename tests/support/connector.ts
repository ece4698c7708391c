/** The secret that Logto authenticates with in tests. */
export const LOGTO_SECRET = 'Bearer test-secret-0123456789';

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
