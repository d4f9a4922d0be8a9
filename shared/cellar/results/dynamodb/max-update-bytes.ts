/** An item may have 400 KB with the names of its attributes (DynamoDB developer guide, quotas). */
export const MAX_UPDATE_BYTES = 350_000;
