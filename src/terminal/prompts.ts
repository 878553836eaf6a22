import { Cancelled } from './cancelled.js';
import type { CommandIo } from './io.js';

/** A choice of one. */
export interface Choice<T extends string> {
  value: T;
  label: string;
  hint?: string;
}

/** A line of text; an empty one means the default. */
export interface TextQuestion {
  message: string;
  fallback: string;
  /** What is wrong with an answer, if anything. */
  fault: (answer: string) => string | undefined;
}

/** Questions to a person. Each throws `Cancelled` on Ctrl-C and Escape. */
export interface Prompts {
  intro(title: string): void;
  outro(text: string): void;
  note(text: string, title: string): void;
  say(text: string): void;
  warn(text: string): void;
  select<T extends string>(message: string, choices: Choice<T>[], initial: T): Promise<T>;
  text(question: TextQuestion): Promise<string>;
  confirm(message: string): Promise<boolean>;
}

/** Opens the prompts on a command's own streams; the library is loaded here and nowhere else. */
export async function openPrompts(io: CommandIo): Promise<Prompts> {
  const clack = await import('./clack.js');
  const streams = { input: io.stdin, output: io.stdout };
  const { output } = streams;
  function answered<T>(answer: T | symbol): T {
    if (clack.isCancel(answer)) throw new Cancelled();
    return answer as T;
  }
  return {
    intro: (title) => clack.intro(title, { output }),
    outro: (text) => clack.outro(text, { output }),
    note: (text, title) => clack.note(text, title, { output, format: (line) => line }),
    say: (text) => clack.log.step(text, { output }),
    warn: (text) => clack.log.warn(text, { output }),
    async select<T extends string>(message: string, choices: Choice<T>[], initial: T) {
      type Options = Parameters<typeof clack.select<T>>[0]['options'];
      const options = choices as unknown as Options;
      return answered(await clack.select<T>({ ...streams, message, options, initialValue: initial }));
    },
    async text({ message, fallback, fault }) {
      const validate = (answer: string | undefined) => fault(answer?.trim() || fallback);
      const answer = await clack.text({
        ...streams,
        message,
        defaultValue: fallback,
        placeholder: fallback,
        validate,
      });
      return answered(answer).trim() || fallback;
    },
    confirm: async (message) => answered(await clack.confirm({ ...streams, message })),
  };
}
