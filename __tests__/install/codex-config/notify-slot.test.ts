import { describe, expect, it, test } from '@jest/globals';
import { parse } from 'smol-toml';
import {
  clearNotifySlot,
  fillNotifySlot,
  type NotifySlot,
  readNotifySlot,
} from '../../../src/install/codex-config/notify-slot.js';
import { NotToml, tomlStatements } from '../../../src/install/codex-config/toml-statements.js';
import { UserError } from '../../../src/platform/problems/user-error.js';

const OURS = ['mlflow-codex', 'notify-hook'];
const LINE = 'notify = ["mlflow-codex", "notify-hook"]';
const CANNOT_EDIT = expect.objectContaining({
  name: 'UserError',
  message: '/h/config.toml: cannot be edited without touching more than notify',
  hint: 'Edit it by hand: notify = ["mlflow-codex", "notify-hook"] above the first [table]',
});
const toml = (text: string) => parse(text.replace(/^\uFEFF/, ''), { integersAsBigInt: true });

/** Shapes whose slot is empty: the text, and what setup makes of it. */
const EMPTY: [string, string, string][] = [
  ['an empty file', '', `${LINE}\n`],
  ['a byte order mark alone', '\uFEFF', `\uFEFF${LINE}\n`],
  ['a line break alone', '\n', `\n${LINE}\n`],
  ['blanks without a line break', '  ', `  \n${LINE}`],
  ['a comment alone', '# mine\n', `# mine\n${LINE}\n`],
  ['a comment without a last line break', '# mine', `# mine\n${LINE}`],
  ['a comment in CRLF', '# mine\r\n', `# mine\r\n${LINE}\r\n`],
  ['one key', 'model = "x"\n', `model = "x"\n${LINE}\n`],
  ['one key without a last line break', 'model = "x"', `model = "x"\n${LINE}`],
  ['CRLF without a last line break', 'a = 1\r\nb = 2', `a = 1\r\nb = 2\r\n${LINE}`],
  ['a key with a comment', 'a = 1 # one\n', `a = 1 # one\n${LINE}\n`],
  ['blank lines at the end', 'a = 1\n\n\n', `a = 1\n${LINE}\n\n\n`],
  ['a byte order mark and a key', '\uFEFFa = 1\n', `\uFEFFa = 1\n${LINE}\n`],
  ['a table before any key', '[tui]\nnotifications = true\n', `${LINE}\n\n[tui]\nnotifications = true\n`],
  ['a table in CRLF', '[tui]\r\na = 1\r\n', `${LINE}\r\n\r\n[tui]\r\na = 1\r\n`],
  ['a table after a byte order mark', '\uFEFF[tui]\n', `\uFEFF${LINE}\n\n[tui]\n`],
  ['a table after a blank line', '\n[tui]\n', `${LINE}\n\n[tui]\n`],
  ['a table without a last line break', '[tui]', `${LINE}\n\n[tui]`],
  ['a comment that belongs to the first table', '# look\n[tui]\n', `${LINE}\n\n# look\n[tui]\n`],
  ['a schema directive', '#:schema https://x\n[tui]\n', `#:schema https://x\n${LINE}\n\n[tui]\n`],
  [
    'a schema directive and a blank line',
    '#:schema https://x\n\n[tui]\n',
    `#:schema https://x\n${LINE}\n\n[tui]\n`,
  ],
  ['a schema directive and a key', '#:schema x\na = 1\n[t]\n', `#:schema x\na = 1\n${LINE}\n[t]\n`],
  ['keys, then tables', 'a = 1\n\n[t]\nb = 2\n', `a = 1\n${LINE}\n\n[t]\nb = 2\n`],
  ['notify inside [tui]', 'a = 1\n[tui]\nnotify = ["x"]\n', `a = 1\n${LINE}\n[tui]\nnotify = ["x"]\n`],
  ['notify inside a profile', '[profiles.x]\nnotify = ["x"]\n', `${LINE}\n\n[profiles.x]\nnotify = ["x"]\n`],
  [
    'notify inside an MCP server',
    '[mcp_servers.x]\nnotify = 1\n',
    `${LINE}\n\n[mcp_servers.x]\nnotify = 1\n`,
  ],
  ['notify inside an array of tables', '[[a]]\nnotify = 1\n', `${LINE}\n\n[[a]]\nnotify = 1\n`],
  ['a table whose name ends in notify', '[x.notify]\na = 1\n', `${LINE}\n\n[x.notify]\na = 1\n`],
  ['a dotted key that ends in notify', 'tui.notify = 1\n', `tui.notify = 1\n${LINE}\n`],
  ['an inline table with notify', 'tui = { notify = 1 }\n', `tui = { notify = 1 }\n${LINE}\n`],
  ['a key that begins with notify', 'notify_x = 1\n', `notify_x = 1\n${LINE}\n`],
  ['a key that is not quite notify', '"notify " = 1\nNotify = 2\n', `"notify " = 1\nNotify = 2\n${LINE}\n`],
  ['a literal key that is no escape', "'noti\\u0066y' = 1\n", `'noti\\u0066y' = 1\n${LINE}\n`],
  ['notify in a comment', '# notify = ["x"]\na = 1\n', `# notify = ["x"]\na = 1\n${LINE}\n`],
  [
    'notify in a multi-line string',
    'a = """\nnotify = ["x"]\n"""\n',
    `a = """\nnotify = ["x"]\n"""\n${LINE}\n`,
  ],
  ['notify in a literal string', "a = '''\nnotify = 1\n[t]'''\n", `a = '''\nnotify = 1\n[t]'''\n${LINE}\n`],
  ['a multi-line array last', 'a = [\n 1, # [\n 2\n]\n[t]\n', `a = [\n 1, # [\n 2\n]\n${LINE}\n[t]\n`],
  ['a multi-line inline table', 'a = {\n b = 1, # }\n}\n', `a = {\n b = 1, # }\n}\n${LINE}\n`],
  ['a string with brackets and hashes', 'a = "[t] # }"\n', `a = "[t] # }"\n${LINE}\n`],
  ['a dotted key last', 'a.b.c = 1\n[t]\n', `a.b.c = 1\n${LINE}\n[t]\n`],
  ['dates and floats', 'a = 1979-05-27 07:32:00\nb = nan\n', `a = 1979-05-27 07:32:00\nb = nan\n${LINE}\n`],
  ['an integer beyond 2^53', 'a = 9223372036854775807\n', `a = 9223372036854775807\n${LINE}\n`],
  ['an indented key', '  a = 1\n', `  a = 1\n${LINE}\n`],
  ['tabs around', '\ta\t=\t1\t#\t1\n', `\ta\t=\t1\t#\t1\n${LINE}\n`],
  ['an indented table', '  [t]\n', `${LINE}\n\n  [t]\n`],
  ['mixed line breaks', 'a = 1\r\nb = 2\n[t]\n', `a = 1\r\nb = 2\n${LINE}\r\n[t]\n`],
  [
    'a trusted project',
    '[projects."/a b"]\ntrust_level = "trusted"\n',
    `${LINE}\n\n[projects."/a b"]\ntrust_level = "trusted"\n`,
  ],
  ['other alphabets', '"ключ" = "値"\n', `"ключ" = "値"\n${LINE}\n`],
  ['an otel table of the user', '[otel]\nexporter = "none"\n', `${LINE}\n\n[otel]\nexporter = "none"\n`],
];

/** Shapes whose slot is taken: the text, and whose it is. */
const TAKEN: [string, string, NotifySlot][] = [
  ['an array', 'notify = ["n", "x"]\n', { kind: 'foreign', argv: ['n', 'x'], line: 1 }],
  ['an array in CRLF', 'a = 1\r\nnotify = ["n"]\r\n', { kind: 'foreign', argv: ['n'], line: 2 }],
  ['an array after a byte order mark', '\uFEFFnotify = ["n"]', { kind: 'foreign', argv: ['n'], line: 1 }],
  [
    'an array in the middle',
    'a = 1\nnotify = ["n"] # c\nb = 2\n[t]\n',
    { kind: 'foreign', argv: ['n'], line: 2 },
  ],
  [
    'a multi-line array',
    '\nnotify = [\n  "n", # one\n  # two\n  "x",\n]\n',
    { kind: 'foreign', argv: ['n', 'x'], line: 2 },
  ],
  [
    'multi-line strings',
    'notify = ["""\nn""", \'\'\'x\'\'\']\n',
    { kind: 'foreign', argv: ['n', 'x'], line: 1 },
  ],
  ['a double-quoted key', '"notify" = ["n"]\n', { kind: 'foreign', argv: ['n'], line: 1 }],
  ['a single-quoted key', "'notify' = ['n']\n", { kind: 'foreign', argv: ['n'], line: 1 }],
  ['an escaped key', '"noti\\u0066y" = ["n"]\n', { kind: 'foreign', argv: ['n'], line: 1 }],
  ['an indented key', '   notify=["n"]', { kind: 'foreign', argv: ['n'], line: 1 }],
  [
    'after a multi-line string with a fake',
    'a = """\nnotify = []\n"""\nnotify = ["n"]\n',
    { kind: 'foreign', argv: ['n'], line: 4 },
  ],
  ['an empty array', 'notify = []\n', { kind: 'vacant', line: 1 }],
  ['ours by name', `a = 1\n${LINE}\n`, { kind: 'ours', argv: OURS, form: 'name', line: 2 }],
  [
    'ours by an older program',
    'notify = ["node", "/x/@mlflow/codex/bundle/stop.js"]\n',
    { kind: 'ours', argv: ['node', '/x/@mlflow/codex/bundle/stop.js'], form: 'older', line: 1 },
  ],
  [
    'ours through npx',
    'notify = ["npx", "-y", "@mlflow/codex@0.0.1", "notify-hook"]',
    { kind: 'ours', argv: ['npx', '-y', '@mlflow/codex@0.0.1', 'notify-hook'], form: 'npx', line: 1 },
  ],
];

/** Values that Codex itself refuses: the slot is taken, and nothing can be forwarded to. */
const UNUSABLE: [string, string, number, 'one statement' | 'several'][] = [
  ['a string', 'notify = "n"\n', 1, 'one statement'],
  ['an array of numbers', 'notify = [1]\n', 1, 'one statement'],
  ['an array of arrays', 'notify = [["n"]]\n', 1, 'one statement'],
  ['true', 'notify = true\n', 1, 'one statement'],
  ['an inline table', 'notify = { a = 1 }\n', 1, 'one statement'],
  ['a table', 'a = 1\n[notify]\nb = 1\n', 2, 'several'],
  ['an array of tables', '[[notify]]\n', 1, 'several'],
  ['a table below it', '[t]\n[notify.x]\n', 2, 'several'],
  ['dotted keys', 'notify.x = 1\nnotify."y" = 2\n', 1, 'several'],
];

describe('an empty slot', () => {
  it.each(EMPTY)('in %s is filled, and emptied again byte for byte', (_, before, after) => {
    expect(readNotifySlot(before, 'f')).toEqual({ kind: 'empty' });
    const filled = fillNotifySlot(before, 'f', OURS);
    expect(filled.text).toBe(after);
    expect(filled.before).toBeUndefined();
    expect(toml(after)).toEqual({ ...toml(before), notify: OURS });
    expect(readNotifySlot(after, 'f')).toMatchObject({ kind: 'ours', argv: OURS });
    expect(clearNotifySlot(after, 'f', filled)).toBe(before);
  });

  it.each(EMPTY)(
    'in %s is emptied without a record too: nothing but notify and a blank line changes',
    (_, before, after) => {
      const cleared = clearNotifySlot(after, 'f');
      expect(toml(cleared)).toEqual(toml(before));
      expect(cleared.replace(/\s/g, '')).toBe(before.replace(/\s/g, ''));
    },
  );
});

describe('a taken slot', () => {
  it.each(TAKEN)(
    '%s is recognised, replaced where it stands, and put back byte for byte',
    (_, before, slot) => {
      expect(readNotifySlot(before, 'f')).toEqual(slot);
      const filled = fillNotifySlot(before, 'f', ['node', 'C:\\x "y"\\mlflow-codex.js', 'notify-hook']);
      expect(toml(filled.text)).toEqual({
        ...toml(before),
        notify: ['node', 'C:\\x "y"\\mlflow-codex.js', 'notify-hook'],
      });
      expect(before).toContain(filled.before);
      expect(clearNotifySlot(filled.text, 'f', filled)).toBe(before);
    },
  );

  it.each(UNUSABLE)('by %s is seen', (_, text, line) => {
    expect(readNotifySlot(text, 'f')).toEqual({ kind: 'foreign', line });
  });

  it.each(UNUSABLE.filter(([, , , extent]) => extent === 'several'))(
    'by %s is never written over',
    (_, text) => {
      expect(() => fillNotifySlot(text, 'f', OURS)).toThrow(UserError);
    },
  );

  it('keeps comment and neighbours of what it replaces', () => {
    const { text } = fillNotifySlot('a = 1\n  notify = [\n "x" ] # bell\nb = 2\n', 'f', OURS);
    expect(text).toBe(`a = 1\n  ${LINE} # bell\nb = 2\n`);
  });
});

describe('clearing', () => {
  it('takes the line alone where the text around it was changed since', () => {
    const filled = fillNotifySlot('[tui]\n', 'f', OURS);
    const edited = filled.text.replace('\n\n', '\nmodel = "x"\n');
    expect(clearNotifySlot(edited, 'f', filled)).toBe('model = "x"\n[tui]\n');
    expect(clearNotifySlot(`a = 1\n${LINE} # ours\nb = 2`, 'f')).toBe('a = 1\nb = 2');
  });

  it('refuses where there is nothing to clear, or more than one statement, and says what to do', () => {
    const refusal = (text: string) => {
      try {
        return clearNotifySlot(text, '/h/config.toml');
      } catch (error) {
        return error;
      }
    };
    for (const text of ['a = 1\n', 'notify.x = 1\nnotify.y = 2\n', '[[notify]]\n[[notify]]\n'])
      expect(refusal(text)).toEqual(CANNOT_EDIT);
  });

  it('takes a last line without its break along with the break before it', () => {
    expect(clearNotifySlot(`a = 1\r\n${LINE}`, 'f')).toBe('a = 1');
    expect(clearNotifySlot(`\uFEFF${LINE}`, 'f')).toBe('\uFEFF');
    expect(clearNotifySlot(LINE, 'f')).toBe('');
  });

  it('takes the line alone where what was put in is not what the record says', () => {
    for (const inserted of ['', '\n', `${LINE}\n\n`, `\n${LINE}`, LINE.slice(0, -1)])
      expect(clearNotifySlot(`a = 1\n\n${LINE}\nb = 2\n`, 'f', { inserted })).toBe('a = 1\n\nb = 2\n');
  });
});

describe('what is not TOML', () => {
  it.each([
    ['a = \n', 'f:1:'],
    ['a = 1\nb = "x\n', 'f:2:'],
    ['[t\n', 'f:1:'],
    ['a = 1\na = 2\n', 'f:2:'],
    ['notify = ["a"]\nnotify = ["b"]\n', 'f:2:'],
    ['key = "secret\n', 'f:1:'],
  ])('%j is refused with its place and without its text', (text, place) => {
    for (const act of [
      () => readNotifySlot(text, 'f'),
      () => fillNotifySlot(text, 'f', OURS),
      () => clearNotifySlot(text, 'f'),
    ]) {
      expect(act).toThrow(UserError);
      expect(act).toThrow(place);
      expect(act).not.toThrow('secret');
    }
  });
});

describe('where the scanner errs', () => {
  const argv = ['mlflow-codex', 'notify-hook'];
  const moved = (by: number) => (text: string) =>
    tomlStatements(text).map((statement) => ({
      ...statement,
      start: statement.start + by,
      end: statement.end + by,
      lineEnd: statement.lineEnd + by,
    }));

  test.each<[string, string, typeof tomlStatements]>([
    ['takes a neighbour for the slot', 'notify = ["a"]\nmodel = "x"\n', moved(15)],
    ['takes half of a neighbour', 'notify = ["a"]\nmodel = "x"\n', moved(3)],
    ['puts a key into a table', 'model = "x"\n[tui]\na = 1\n', moved(7)],
    [
      'takes another key for the slot',
      'model = "x"\n',
      (text) => tomlStatements(text).map((statement) => ({ ...statement, path: ['notify'] })),
    ],
    ['finds the top level’s end within a table', '[tui]\na = 1\n', () => []],
    ['sees nothing of the slot', 'notify = ["a"]\n', () => []],
    [
      'gives up',
      'model = "x"\n',
      () => {
        throw new NotToml(0);
      },
    ],
  ])('and %s, nothing is written', (_, text, scan) => {
    expect(() => fillNotifySlot(text, '/h/config.toml', argv, scan)).toThrow(CANNOT_EDIT);
  });

  test('in a way that nobody foresaw, that is not hidden', () => {
    const scan = () => {
      throw new RangeError('x');
    };
    expect(() => fillNotifySlot('', 'f', argv, scan)).toThrow(RangeError);
  });

  test('a text that JSON leaves as it is and TOML forbids is escaped', () => {
    const { text } = fillNotifySlot('', 'f', ['mlflow\u007fcodex', 'notify-hook']);
    expect(text).toBe('notify = ["mlflow\\u007fcodex", "notify-hook"]\n');
  });
});
