export interface RunningProgram {
  readonly url: string;
  /** All it has printed until it could be used. */
  readonly output: string;
  stop(): Promise<void>;
}

export function temporaryFolder(): Promise<string>;
export function removeFolder(dataDir: string): Promise<void>;
export function startProgram(
  program: string,
  dataDir: string,
  env?: Record<string, string>,
): Promise<RunningProgram>;
export function signInsOf(output: string): Record<string, string>;
