import { describe, expect, test } from '@jest/globals';
import { foldersUpward } from '../../src/platform/files/folders-upward.js';

describe('the folders above a folder', () => {
  test('are all of them, from the inside out', () => {
    expect([...foldersUpward('/home/ada/app')]).toEqual(['/home/ada/app', '/home/ada', '/home', '/']);
  });

  test('are 256 at most, whatever the path', () => {
    expect([...foldersUpward('/a'.repeat(2000))]).toHaveLength(256);
  });

  test('are none of a path that is too long to be real', () => {
    expect([...foldersUpward(`/${'a/'.repeat(60_000)}`)]).toEqual([]);
  });
});
