/** Names of an application's functions. */
export const functionNames = {
  worker: (prefix: string, queue: string) => `${prefix}-worker-${queue.replaceAll('.', '-')}`,
  forwarder: (prefix: string) => `${prefix}-forwarder`,
  beat: (prefix: string) => `${prefix}-beat`,
} as const;

/** Lambda's CreateFunction. */
export const LONGEST_FUNCTION_NAME = 64;
