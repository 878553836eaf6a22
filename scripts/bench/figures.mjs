// @ts-check
/**
 * A figure that can be compared from one machine and month to another, and what we want of it.
 * @typedef {object} Figure
 * @property {string} name
 * @property {'times as much CPU' | 'ms of CPU more' | 'MB more' | 'MB' | 's of CPU'} kind
 * @property {string} of a subject
 * @property {string} [by] the subject it is compared with, of the same round
 * @property {string} goal
 */

/** @type {Figure[]} */
export const FIGURES = [
  {
    name: 'hook / bare POST of the same bytes',
    kind: 'times as much CPU',
    of: 'hook, typical turn',
    by: 'bare POST',
    goal: '≤ 1.8 (Node 18, 20: 2.0)',
  },
  {
    name: 'hook: memory over node -e 0',
    kind: 'MB more',
    of: 'hook, typical turn',
    by: 'node -e 0',
    goal: '≤ 20',
  },
  {
    name: 'idle hook / node -e 0',
    kind: 'times as much CPU',
    of: 'hook, project not traced',
    by: 'node -e 0',
    goal: '≤ 1.2',
  },
  {
    name: 'redaction, on a typical turn',
    kind: 'ms of CPU more',
    of: 'hook, typical turn',
    by: 'hook, typical turn, redaction off',
    goal: '< 5',
  },
  {
    name: 'hook after 200 MB / after 1 MB',
    kind: 'times as much CPU',
    of: 'hook, typical turn after 200 MB',
    by: 'hook, typical turn',
    goal: '≤ 1.1',
  },
  {
    name: 'hook after 2 GB / after 1 MB',
    kind: 'times as much CPU',
    of: 'hook, typical turn after 2 GB',
    by: 'hook, typical turn',
    goal: '≤ 1.1',
  },
  {
    name: 'bare parse and POST / sync',
    kind: 'times as much CPU',
    of: 'bare parse and POST: sync of 1,000 turns, 20 MB',
    by: 'sync of 1,000 turns, 20 MB',
    goal: '≥ 0.35',
  },
  { name: 'sync: memory', kind: 'MB', of: 'sync of 1,000 turns, 20 MB', goal: '≤ 150' },
  {
    name: 'turn of 1,000 commands, 50 MB',
    kind: 's of CPU',
    of: 'hook, turn of 1,000 commands, 50 MB',
    goal: '≤ 2',
  },
  { name: 'the same: memory', kind: 'MB', of: 'hook, turn of 1,000 commands, 50 MB', goal: '≤ 120' },
  {
    name: 'turn of 4,000 commands, 208 MB',
    kind: 's of CPU',
    of: 'hook, turn of 4,000 commands, 208 MB',
    goal: '≤ 5',
  },
  {
    name: 'the same of 4,000: memory',
    kind: 'MB',
    of: 'hook, turn of 4,000 commands, 208 MB',
    goal: '≤ 200',
  },
];
