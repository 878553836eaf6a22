import type { CommandIo } from '../cli/io.js';
export async function runSetup(_argv: string[], _io: CommandIo): Promise<number> {
  throw new Error('in the making');
}
