import { direct } from '../../../lib/platforms/direct.ts';
import { authorization, type Fixture, tellsOfErrors } from './fixture.ts';

export const fixture: Fixture = {
  platform: direct,
  secrets: ['Bearer an-older-secret-4567', 'Bearer own-backend-0123456789'],
  headers: authorization,
  fields: { code: ['payload.code'], type: 'type' },
  usageTypes: { SignIn: 'SignIn' },
  tellsAddress: true,
  reaction: tellsOfErrors,
  // A backend of one's own reads status and code, and decides itself.
  right: { refused: 'tells', rateLimit: 'tells', gatewayDown: 'tells', unknown: 'tells' },
};
