import { expect, test } from '@jest/globals';
import { findUrlPasswords, URL_SIGN } from '../../../../src/spans/redaction/finders/find-urls.js';
import { kindsOf, marked, workOf } from '../marked.js';

const TOKEN = 'k9Xq2Zr7w4LpB3vT';

test.each([
  ['postgres://app:«hunter2x»@db/x'],
  ['a postgres://app:«hunter2x»@db and redis://:«hunter3x»@cache:6379/0 b'],
  ['"https://app:«hunter2x»@h"'],
  // A password may hold what else ends the part before the host.
  ['amqp://app:«p@ss2w»@mq'],
  ['amqp://app:«k9X/q2Zr»@mq/vhost'],
  ['amqp://app:«k9X?q2Zr»@mq'],
  ['amqp://app:«k9X#q2Zr»@mq'],
  ['amqp://app:«k9X,q2(Zr7)»@mq'],
  ["amqp://app:«k9X'q2Zr7»@mq"],
  // Of words with such signs between them nothing is taken: they are code.
  ['f("amqp://app:host", name(user)@mq'],
  ['amqp://app:lantern,zebra@mq'],
  ["amqp://app:lantern'zebra@mq"],
  ['amqp://app:lantern(zebra@mq'],
  ['amqp://app:lantern)zebra@mq'],
  // Three characters count, two do not.
  ['ftp://u:«k9x»@h'],
  ['ftp://u:k9@h'],
  ['ftp://u:@h'],
  // Examples, stand-ins, the user’s own name again.
  ['ftp://u:password@h'],
  ['ftp://u:secret@h'],
  ['ftp://u:PASS1@h'],
  ['ftp://u:key_12@h'],
  ['ftp://u:$PASSWORD1@h'],
  ['ftp://u:your-password@h'],
  ['ftp://zebra:zebra@h'],
  ['ftp://u:«zebra»@h'],
  // A token in the user’s place.
  [`https://«${TOKEN}»@github.com/a`],
  [`https://${TOKEN.slice(1)}@github.com/a`],
  [`https://«${TOKEN}»:@github.com/a`],
  [`https://${TOKEN.slice(1)}:@github.com/a`],
  ['https://clientTokenSecret:@h'],
  ['https://clientTokenSecret@h'],
  [`https://x-${TOKEN}example@h`],
  [`https://${TOKEN}:x@h`],
  // No user, no host, no end.
  ['https://example.com:8080/path?q=a@b'],
  ['https://example.com:8080?q=a@b'],
  ['https://example.com/a:b@c'],
  ['https://example.com:80801/a@b'],
  ['https://example.com:«808012/a»@b'],
  ['https://example.com, ada:hunter2x@h'],
  ['https://a:b c@d'],
  ['https://ada:hunter2x'],
  ['https://ada:hunter2x\n@h'],
  ['https://ada:hunter2x>@h'],
  ['https://ada:hunter2x<@h'],
  ['https://ada:hunter2x`@h'],
  ['https://ada:hunter2x"@h'],
  ['https://ada:hunter2x\\@h'],
  ['https://ada:hunter2x[@h'],
  ['https://ada:hunter2x{@h'],
  ['://ada:«hunter2x»@h'],
  ['://://ada:«hunter2x»@h'],
  ['amqp://app:«k97,X2,Zq8»@mq'],
  ['://'],
  ['://@'],
  // Behind the host’s sign nothing more of a password stands.
  ['https://ada:«hunter2x»@h/p@q'],
  ['https://ada:«hunter2x»@h?p@q'],
  // 300 characters are looked at.
  [`https://ada:«${'k9Xq2'.repeat(59)}»@h`],
  [`https://ada:${'k9Xq2'.repeat(59)}x@h`],
])('%s', (row) => {
  expect(marked(findUrlPasswords, row)).toBe(row);
});

test('their kinds, in their order', () => {
  expect(
    kindsOf(findUrlPasswords, `https://${TOKEN}@g https://${TOKEN}:@h postgres://app:hunter2x@db`),
  ).toEqual([
    ['url-token', TOKEN],
    ['url-token', TOKEN],
    ['url-password', 'hunter2x'],
  ]);
});

test('each costs its part before the path, and eight', () => {
  expect(workOf(findUrlPasswords, 'https://example.com/a http://b.c')).toBe(11 + 8 + 3 + 8);
  expect(workOf(findUrlPasswords, `https://${'a'.repeat(400)}`)).toBe(308);
});

test('a text without a scheme needs no search', () => {
  expect([URL_SIGN('a://b', ''), URL_SIGN('a:/b', '')]).toEqual([true, false]);
});
