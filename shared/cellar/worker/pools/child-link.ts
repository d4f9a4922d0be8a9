/** One thread or process that runs tasks, as its worker holds it: texts both ways, its end, and the means to end it. */
export interface ChildLink {
  /** Of its own process; absent for a thread. */
  readonly pid?: number;
  /** No fault when it has ended. */
  post(text: string): void;
  /** Ends it whatever it does, a blocked event loop too. */
  kill(): void;
}

/** Called by a link, `exit` once and last. */
export interface ChildEvents {
  message(text: string): void;
  /** How it ended, in words: `exit code 3`, `SIGKILL`. */
  exit(how: string): void;
}

export type StartLink = (events: ChildEvents) => ChildLink;

/** The module that a child begins with: beside this one, in the sources and in the built package. */
export function childEntry(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}
