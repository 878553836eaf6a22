import path from 'node:path';

/** The Codex home that a recording lies in, where its path tells: `sessions/<year>/<month>/<day>`, or the archive. */
export function homeOfRecording(file: string): string | undefined {
  const folder = path.dirname(path.resolve(file));
  const byDay = path.resolve(folder, '../../..');
  if (path.basename(byDay) === 'sessions') return path.dirname(byDay);
  return path.basename(folder) === 'archived_sessions' ? path.dirname(folder) : undefined;
}
