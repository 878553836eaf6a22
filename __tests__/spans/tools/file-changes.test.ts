import { describe, expect, test } from '@jest/globals';
import { changedFilesOf } from '../../../src/spans/tools/changed-files.js';
import {
  askedChanges,
  patchText,
  recordedChanges,
  relativePath,
} from '../../../src/spans/tools/file-changes.js';
import type { ToolCall } from '../../../src/turn/turn.js';
import { toolCall } from '../turn-parts.js';

describe('the changes that Codex records', () => {
  test.each([
    ['an added file', { type: 'add', content: 'a\n\nb\n' }, { type: 'add', lines: ['+a', '+', '+b'] }],
    ['an added file without a last break', { type: 'add', content: 'a' }, { type: 'add', lines: ['+a'] }],
    ['an added file of one break', { type: 'add', content: '\n' }, { type: 'add', lines: ['+'] }],
    ['an empty file', { type: 'add', content: '' }, { type: 'add', lines: [] }],
    ['a file whose content is not recorded', { type: 'delete' }, { type: 'delete', lines: [] }],
    ['a deleted file', { type: 'delete', content: 'a\nb\n' }, { type: 'delete', lines: ['-a', '-b'] }],
    [
      'an updated file',
      { type: 'update', unified_diff: '@@ -1,2 +1,2 @@ f()\n-a\n+b\n c\n', content: 'x', move_path: null },
      { type: 'update', lines: ['@@', '-a', '+b', ' c'] },
    ],
    [
      'a moved file',
      { type: 'update', unified_diff: '', move_path: '/b' },
      { type: 'update', movedTo: '/b', lines: [] },
    ],
  ])('of %s are its lines, each with its sign', (_, recorded, change) => {
    expect(recordedChanges({ '/a': recorded })).toStrictEqual([{ path: '/a', ...change }]);
  });

  test('are in the order of their files, without those of a kind that nobody knows', () => {
    const kinds = { '/b': { type: 'delete' }, '/c': { type: 'rename' }, '/d': 'add', '/a': { type: 'add' } };
    expect(recordedChanges(kinds).map(({ path }) => path)).toEqual(['/b', '/a']);
  });

  test.each([[undefined], [null], ['x'], [[]], [{}]])('of %j are none', (changes) =>
    expect(recordedChanges(changes)).toEqual([]),
  );
});

const PATCH = [
  '*** Begin Patch',
  '*** Add File: new.txt',
  '+one',
  '+',
  '*** Delete File: old.txt',
  '*** Update File: a.txt',
  '*** Move to: b.txt',
  '@@ def f():',
  '-two',
  '+three',
  '',
  ' four',
  '*** End Patch',
];
const CHANGES = [
  { path: 'new.txt', type: 'add', lines: ['+one', '+'] },
  { path: 'old.txt', type: 'delete', lines: [] },
  { path: 'a.txt', type: 'update', movedTo: 'b.txt', lines: ['@@', '-two', '+three', ' four'] },
] as const;

describe('the changes that a patch asks for', () => {
  test('are those of its files, one after another', () => {
    expect(askedChanges(PATCH.join('\n'))).toStrictEqual(CHANGES);
  });

  test('stand between its first line and its last, whatever is around them', () => {
    const script = ['apply_patch <<EOF', '+no line of it', ...PATCH, '*** Add File: after', '+no', 'EOF'];
    expect(askedChanges(script.join('\n'))).toStrictEqual(CHANGES);
  });

  test.each([
    ['no text', ''],
    ['a patch without an end', '*** Begin Patch\n*** Add File: a\n+x\n'],
    ['an indented one', ' *** Begin Patch\n*** Add File: a\n+x\n*** End Patch'],
    ['lines before any file', '*** Begin Patch\n*** Move to: b\n+x\n*** End Patch'],
  ])('are none in %s', (_, text) => expect(askedChanges(text)).toEqual([]));
});

describe('a patch in Codex’s form', () => {
  test('is what the model would have written, with paths as it names them', () => {
    const changes = CHANGES.map((change) => ({ ...change, path: `/home/dev/${change.path}` }));
    const moved = changes.map((change) =>
      'movedTo' in change ? { ...change, movedTo: '/home/dev/b.txt' } : change,
    );
    const lines = PATCH.filter((line) => line !== '').map((line) => (line.startsWith('@@') ? '@@' : line));
    expect(patchText(moved, '/home/dev')).toBe(lines.join('\n'));
  });

  test('does not tell what stood in a deleted file', () => {
    expect(patchText([{ path: 'a', type: 'delete', lines: ['-secret'] }], undefined)).toBe(
      '*** Begin Patch\n*** Delete File: a\n*** End Patch',
    );
  });

  test.each([
    ['/home/dev/a.txt', '/home/dev', 'a.txt'],
    ['C:\\dev\\src\\a.txt', 'C:\\dev', 'src\\a.txt'],
    ['/home/developer/a.txt', '/home/dev', '/home/developer/a.txt'],
    ['/etc/home/dev/a.txt', '/home/dev', '/etc/home/dev/a.txt'],
    ['/home/dev', '/home/dev', '/home/dev'],
    ['/home/dev/a.txt', undefined, '/home/dev/a.txt'],
    ['a.txt', '/home/dev', 'a.txt'],
  ])('names %s, seen from %s, %s', (path, cwd, name) => expect(relativePath(path, cwd)).toBe(name));
});

describe('the files that a turn changed', () => {
  const added = (path: string, content = 'a\n') => ({ [path]: { type: 'add', content } });
  const patch = (path: string) => `*** Begin Patch\n*** Add File: ${path}\n+x\n*** End Patch`;
  const of = (...calls: Partial<ToolCall>[]) => changedFilesOf(calls.map(toolCall), '/home/dev');

  test('are those that Codex recorded, in its result before its input, also of what a script ran', () => {
    expect(
      of(
        { output: { changes: added('/home/dev/a') }, input: { changes: added('/no'), input: patch('no') } },
        {
          children: [toolCall({ input: { changes: added('/b', 'a\nb\n') } })],
          output: { changes: added('/c') },
        },
      ),
    ).toStrictEqual({ paths: ['a', '/c', '/b'], linesAdded: 4, linesRemoved: 0 });
  });

  test('are each named once, with the place that one was moved to', () => {
    const update = { type: 'update', unified_diff: '@@\n-a\n-b\n+c\n d\n', move_path: '/b' };
    const twice = { output: { changes: { '/a': update } } };
    expect(of(twice, twice)).toStrictEqual({ paths: ['/a', '/b'], linesAdded: 2, linesRemoved: 4 });
  });

  test.each([
    ['its own input', { name: 'apply_patch', input: { input: patch('a') } }],
    ['a command', { name: 'exec_command', input: { cmd: `apply_patch <<EOF\n${patch('a')}\nEOF` } }],
    ['the words of a process', { name: 'shell', input: { command: ['apply_patch', 3, patch('a')] } }],
    ['a quoted word', { name: 'shell', input: { command: ['bash', '-c', `apply_patch "\n${patch('a')}"`] } }],
  ])('are told by the patch where it is %s and Codex recorded no more', (_, call) => {
    expect(of(call)).toStrictEqual({ paths: ['a'], linesAdded: 1, linesRemoved: 0 });
  });

  test.each([
    ['a call that failed', { output: { changes: added('/a') }, failure: { type: 'x', message: 'x' } }],
    ['a script that holds a patch', { name: 'exec', input: { input: patch('a') } }],
    ['a call without arguments', {}],
    ['a patch that is part of a longer word', { input: { input: patch('a').replace('***', 'x***') } }],
    ['changes of no known kind', { output: { changes: { '/a': { type: 'x' } } } }],
  ])('are none of %s', (_, call) => expect(of(call)).toBeUndefined());

  test('are those that a failed script had changed before', () => {
    const failure = { type: 'x', message: 'x' };
    expect(of({ failure, children: [toolCall({ output: { changes: added('/a') } })] })?.paths).toEqual([
      '/a',
    ]);
    const script = { name: 'exec', children: [toolCall({ output: { changes: added('/a') } })] };
    expect(of(script)?.paths).toEqual(['/a']);
    const patched = {
      input: { input: patch('b') },
      children: [toolCall({ output: { changes: added('/a') } })],
    };
    expect(of(patched)?.paths).toEqual(['b', '/a']);
  });
});
