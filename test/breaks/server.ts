import type { Break } from './break.ts';

export const serverBreaks: Break[] = [
  {
    what: 'a body of the API is at most 1 MiB',
    file: 'src/server/server.ts',
    find: 'bodyLimit: bodyLimitBytes,',
    replace: 'bodyLimit: 2 * bodyLimitBytes,',
    test: 'test/server/frame.test.ts',
    name: 'serve listens, asks for the token',
  },
  {
    what: 'a body of over 1 MiB at the callback is not read',
    file: 'src/server/api/callback.ts',
    find: 'const maxBodyBytes = 1024 * 1024;',
    replace: 'const maxBodyBytes = 4 * 1024 * 1024;',
    test: 'test/callback/endpoint.test.ts',
    name: 'a body that says it is too large is refused before it comes',
  },
  {
    what: 'a token with something behind it is refused',
    file: 'src/server/auth.ts',
    find: 'if (timingSafeEqual(digest(given), expected)) return;',
    replace: 'if (timingSafeEqual(digest(given.slice(0, apiToken.length)), expected)) return;',
    test: 'test/server/frame.test.ts',
    name: 'serve listens, asks for the token',
  },
];
