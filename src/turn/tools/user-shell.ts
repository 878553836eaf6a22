import type { RolloutEvent, ToolItem } from '../../codex/lines/rollout-event.js';
import { textOf } from '../chat-message.js';

/**
 * The commands a user ran in Codex's own shell (`!` in the terminal), as runs of a tool. From about
 * 0.150 on they have items like any other command; before, only the message tells of them that
 * shows them to the model.
 */
export function userShellRuns(events: readonly RolloutEvent[]): ToolItem[] {
  return events.flatMap((event, index): ToolItem[] => {
    if (event.kind !== 'message' || event.role !== 'user') return [];
    const text = textOf(event.content);
    const told = text.startsWith('<user_shell_command>') ? text.match(FORM) : undefined;
    if (!told) return [];
    const [, command = '', exitCode, seconds, output = ''] = told;
    return [
      {
        kind: 'tool_item',
        timeMs: event.timeMs,
        id: `user_shell ${index}`,
        name: 'exec_command',
        input: { command },
        ...(output.trim() === '' ? {} : { output: { output } }),
        exitCode: Number(exitCode),
        startMs: event.timeMs - Number(seconds) * 1000,
        endMs: event.timeMs,
      },
    ];
  });
}

const FORM =
  /^<user_shell_command>\n<command>\n([\s\S]*?)\n<\/command>\n<result>\nExit code: (-?\d+)\nDuration: ([\d.]+) seconds\nOutput:\n([\s\S]*?)\n?<\/result>\n<\/user_shell_command>/;
