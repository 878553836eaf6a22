import type { TurnsFindings } from '../../platform/problems/finding-args.js';
import type { MessagesOf } from './messages.js';

/** Of the hook's runs and what is pending. */
export const TURNS_MESSAGES: MessagesOf<TurnsFindings> = {
  'hook-never-ran': () => 'The hook has not run yet: have a turn with codex',
  'hook-ran': ({ when, outcome, ms, detail }) =>
    `${when}: ${outcome} in ${ms} ms${detail ? ` (${detail})` : ''}`,
  live: ({ isWatched }) =>
    `Turns are shown while they go on ("live"): ${isWatched ? 'a watcher is at work' : 'the next hook leaves a watcher behind'}`,
  'live-not-there': () =>
    '"live" is on; a Databricks workspace takes a turn whole, so nothing is shown before',
  'turns-shown': ({ turns }) =>
    `${count(turns, 'turn')} shown while ${turns === 1 ? 'it goes' : 'they go'} on`,
  'turns-left-running': ({ turns }) => ({
    text: `${count(turns, 'turn')} shown and not sent whole, with no watcher: MLflow says IN_PROGRESS of ${turns === 1 ? 'it' : 'them'}`,
    remedy: 'The next turn’s hook sends what is over, or now: mlflow-codex sync',
  }),
  'turns-once-more': ({ turns }) =>
    `${count(turns, 'turn')} sent, and once more with the next hook: a live request had no clear answer`,
  'turns-pending': ({ turns, threads, since, reasons, blocked }) => ({
    text: `${count(turns, 'turn')} of ${count(threads, 'session')} not sent yet${since ? `, the oldest since ${since}` : ''}${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}`,
    remedy: blocked ? 'Mend what is named above, then mlflow-codex sync' : 'mlflow-codex sync',
  }),
  'turn-rejected': ({ thread, turn, status, message }) => ({
    text: `A turn was refused for good (HTTP ${status})${message === '' ? '' : `: ${message}`}`,
    remedy: `mlflow-codex show ${thread}${turn ? ` shows its session; the turn is ${turn}` : ''}`,
  }),
  'more-rejected': ({ more }) => `${more} more were refused`,
  'turns-lost': ({ turns, thread, turn, reason }) =>
    `${count(turns, 'turn')} lost, the last ${turn ? `${turn} ` : ''}of session ${thread}: ${reason}`,
  'turns-reduced': ({ turns, when, detail, thread }) => ({
    text: `${count(turns, 'turn')} sent without all of the content, the last ${when}: ${detail}`,
    remedy: `mlflow-codex show ${thread} shows its session whole`,
  }),
  'state-unusable': ({ file, reason, more, remedy }) => ({
    text: `${file} cannot be used (${reason})${more > 0 ? `, nor ${more} more` : ''}: what is pending is not seen, and nothing can be kept`,
    remedy,
  }),
  'state-unreadable': ({ file }) => ({
    text: `${file} could not be read; it is made anew from the recording`,
    remedy: `Delete ${file}`,
  }),
  'state-newer': ({ file }) => ({
    text: `${file} was written by a newer version of mlflow-codex: nothing of its session is sent from here`,
    remedy: 'Update this one: npm install -g @mlflow/codex@latest',
  }),
  'threads-never-announced': ({ threads }) => ({
    text: `${count(threads, 'session')} of the last 3 days the hook was never told of`,
    remedy: 'mlflow-codex sync sends those of traced folders',
  }),
  'thread-unknown': ({ thread, folder, when, reason }) => {
    const text = `session ${thread}${folder ? ` in ${folder}` : ''}, ${when}: ${reason ? `not traced (${reason})` : 'no hook ran for it'}`;
    // Somebody wants it so: there is nothing to mend.
    if (reason === 'excluded' || reason.startsWith('switched off')) return text;
    return {
      text,
      remedy: `${reason ? `mlflow-codex setup in ${folder}, then ` : ''}mlflow-codex sync ${thread}`,
    };
  },
};

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
