import { expect } from '@jest/globals';
import { everyVersion, innerCommand, script, shell, shellTool, turn, type Version } from './by-version.js';
import { type Noted, usual } from './notation.js';

/**
 * How a turn ended is recorded from 0.101 on, why it failed from 0.152 on: before, a span says no more
 * than that.
 */
function failed(v: Version, prompt: string, why: string, below: Noted[]): Noted {
  if (!v.since('0.101.0')) return unended(prompt, below);
  return {
    agent: 'codex',
    outcome: 'failed',
    prompts: [prompt],
    error: v.since('0.152.0') ? why : 'the turn failed',
    reason: v.since('0.152.0') ? why : 'the turn failed',
    below: [...below, { chat: v.model, error: 'the request failed' }],
  };
}

/** A turn whose end was never written; a failed request leaves nothing in such files. */
function unended(prompt: string, below: Noted[]): Noted {
  return {
    agent: 'codex',
    outcome: 'incomplete',
    prompts: [prompt],
    ...(below.length > 0 ? { below } : {}),
  };
}

const neverEnds = expect.stringMatching(/^never ends never/) as unknown as string;
const badRequest =
  '{"error":{"message":"scripted bad request","type":"invalid_request_error","code":"invalid_request_error"}}';

everyVersion('http-400', (v) => [failed(v, 'fail please', badRequest, [])]);

everyVersion('http-401', (v) => [
  failed(v, 'fail please', expect.stringContaining('401 Unauthorized: scripted unauthorized') as never, []),
]);

/** Surprising: Codex has its own words for a server's error. */
everyVersion('http-500', (v) => [
  failed(v, 'fail please', 'We’re currently experiencing high demand, which may cause temporary errors.', []),
]);

everyVersion('failed-event', (v) => [
  failed(v, 'fail please', 'stream disconnected before completion: scripted response.failed', [
    { chat: v.model, tokens: usual(0), calls: [shellTool(v)] },
    shell(v, 'echo ok', 'ok\n'),
  ]),
]);

/** Surprising: the message had arrived whole, and yet Codex keeps nothing of it. */
everyVersion('stream-drop', (v) => [
  failed(v, 'fail please', 'stream disconnected before completion: error sending request', []),
]);

/** Surprising: nothing in any recording tells of the first try. The tokens are those of the second. */
everyVersion('retry-then-ok', (v) => [
  turn('flaky', 'second try worked', [{ chat: v.model, tokens: usual(1), says: 'second try worked' }]),
]);

/**
 * Surprising: after the third request, which exceeded the context, Codex writes a count that fills it,
 * with no input and no output: it is no response, and the sum stays what was served.
 */
everyVersion('failed-then-on', (v) => [
  failed(v, 'first try', badRequest, []),
  turn('second try', 'now it works', [{ chat: v.model, tokens: usual(1), says: 'now it works' }]),
  failed(
    v,
    'third try',
    "Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying.",
    [],
  ),
]);

/**
 * Surprising: of an answer that is cut off only the reasoning is kept, the message is not. 0.60 ended
 * by Ctrl-C does not write its end.
 */
everyVersion('interrupt-in-answer', (v) => {
  const below: Noted[] = [
    { chat: v.model, tokens: usual(0), calls: [shellTool(v)] },
    shell(v, 'echo before-hang', 'before-hang\n'),
    { chat: v.model, thinks: '**Hanging**' },
  ];
  return [v.since('0.80.0') ? interrupted('long answer', below) : unended('long answer', below)];
});

/** Surprising: the tool's output is written as the response is cut off, and no other request follows it. */
everyVersion('interrupt-after-call', (v) => [
  interrupted('begin', [{ chat: v.model, calls: [shellTool(v)] }, shell(v, 'echo first', 'first\n')]),
]);

/**
 * Surprising: the killed command's own item comes 4 to 16 ms after the turn's end, or never. 0.60
 * writes neither call nor end, 0.80 the call and no end.
 */
everyVersion('interrupt-in-tool', (v) => {
  const response = { chat: v.model, tokens: usual(0) };
  if (!v.since('0.80.0')) return [unended('sleep', [response])];
  const below = [{ ...response, calls: [shellTool(v)] }, aborted(v, 'sleep 30', v.since('0.152.0'))];
  return [v.since('0.101.0') ? interrupted('sleep', below) : unended('sleep', below)];
});

/**
 * Surprising: in an editor the command's item comes after the next turn has begun: it is no part of
 * that turn.
 */
everyVersion('interrupted-then-on', (v) => [
  interrupted('please sleep', [
    { chat: v.model, tokens: usual(0), calls: [shellTool(v)] },
    aborted(v, 'echo early; sleep 30', false),
  ]),
  turn('go on', 'back again', [{ chat: v.model, tokens: usual(1), says: 'back again' }]),
]);

/** Surprising: the totals that 0.169 repeats within the interrupted turn are those of the first. */
everyVersion('unannounced-turns', (v) => [
  turn('turn one', 'answer to: turn one', [{ chat: v.model, tokens: usual(0), says: 'answer to: turn one' }]),
  failed(v, 'fail please', 'We’re currently experiencing high demand, which may cause temporary errors.', []),
  {
    ...interrupted('hang please', [{ chat: v.model, says: neverEnds }]),
    said: neverEnds,
  },
  turn('turn four', 'answer to: turn four', [
    { chat: v.model, tokens: usual(3), says: 'answer to: turn four' },
  ]),
]);

function interrupted(prompt: string, below: Noted[]): Noted {
  return {
    agent: 'codex',
    outcome: 'interrupted',
    prompts: [prompt],
    error: 'interrupted',
    reason: 'interrupted',
    below,
  };
}

/** @param hasItem the command's own item was written in time: it has Codex's exit code for a kill */
function aborted(v: Version, command: string, hasItem: boolean): Noted {
  const killed = hasItem ? { exit: -1 } : {};
  if (v.isCodeMode) {
    const inner = innerCommand(command, '', -1);
    return {
      ...script(
        command,
        'aborted by user after',
        hasItem ? [{ ...inner, error: 'cut off before it ended' }] : [],
        '',
      ),
      error: 'aborted by the user',
    };
  }
  return {
    tool: shellTool(v),
    in: { cmd: command },
    out: { output: expect.stringContaining('aborted by user'), ...(hasItem ? { exit_code: -1 } : {}) },
    ...killed,
    error: 'aborted by the user',
  };
}
