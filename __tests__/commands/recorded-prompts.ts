import type { Prompts } from '../../src/terminal/prompts.js';

/**
 * Prompts that write down all that is shown and asked, as `kind: text`, and answer from a list; an answer that is not
 * there is Enter, which for a yes-or-no question means yes.
 */
export function recordedPrompts(...answers: string[]): { prompts: Prompts; told: string[] } {
  const told: string[] = [];
  const tell = (kind: string, text: string) => void told.push(`${kind}: ${text}`);
  const prompts: Prompts = {
    intro: (text) => tell('intro', text),
    outro: (text) => tell('outro', text),
    note: (text, title) => tell('note', `${title}\n${text}`),
    warn: (text) => tell('warn', text),
    say: (text) => tell('say', text),
    select: async (message, choices, initial) => {
      const offered = choices.map(({ label, hint }) => (hint === undefined ? label : `${label} (${hint})`));
      tell('select', [message, ...offered].join(' | '));
      const answer = answers.shift();
      return choices.find(({ value }) => value === answer)?.value ?? initial;
    },
    text: async ({ message, fallback, fault }) => {
      for (;;) {
        tell('text', message);
        const answer = answers.shift() || fallback;
        const wrong = fault(answer);
        if (wrong === undefined) return answer;
        tell('fault', wrong);
      }
    },
    confirm: async (message) => {
      tell('confirm', message);
      return answers.shift() !== 'n';
    },
  };
  return { prompts, told };
}
