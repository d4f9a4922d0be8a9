/** What every function pays. */
export const handler = async (): Promise<void> => undefined;
