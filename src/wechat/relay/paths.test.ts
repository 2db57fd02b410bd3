import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelNames, channels } from '../channels.ts';
import { type RelayKind, relayKind } from './paths.ts';

const expected: Record<RelayKind, string[]> = {
  call: ['cgi-bin/user/get', 'wxa/getwxacodeunlimit', 'cgi-bin/media/upload', 'cgi-bin/openapi/quota/get'],
  send: [
    ...channelNames.map((name) => channels[name].path.slice(1)),
    ...['cgi-bin/message/mass/sendall', 'CGI-BIN/Message/custom/send'],
  ],
  token: [
    ...[
      'cgi-bin/token',
      'cgi-bin/Token',
      'cgi-bin/stable_token',
      'sns/oauth2/access_token',
      'SNS/jscode2session',
    ],
    ...['cgi-bin/component/api_component_token', 'cgi-bin/clear_quota/v2', 'wxa/resetusersessionkey'],
  ],
  quota: ['cgi-bin/clear_quota'],
  unknown: [
    ...[
      '',
      '/',
      'cgi-bin',
      'cgi-bin/',
      '/cgi-bin/user/get',
      'cgi-bin//token',
      'cgi-bin/token/',
      'cgi-bin/./token',
    ],
    ...[
      'cgi-bin/user/../token',
      'cgi-bin/user%2fget',
      'cgi-bin/user get',
      'cgi-bin/user?x',
      'cgi-bin/user#x',
    ],
    ...['cgi-bin\\user', 'cgi-bin/usér', 'elsewhere/user', 'cgi-bin.evil/user', `cgi-bin/${'a'.repeat(65)}`],
    ...['cgi-bin/user;x=/get', 'cgi-bin/user\r\nx', 'cgi-bin/..token/x', 'cgi-bin/x..y'],
  ],
};

for (const [kind, paths] of Object.entries(expected))
  test(`${kind} is told from the others`, () => {
    for (const path of paths) assert.equal(relayKind(path), kind, JSON.stringify(path));
  });
