/** DynamoDB's shapes, as its JSON has them, cut down to the fields that are used. */

/** One attribute of a DynamoDB item, as its JSON has it. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Readonly<Record<string, AttributeValue>> };

export type Item = Readonly<Record<string, AttributeValue>>;

export interface Condition {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
}

interface Conditional extends Condition {
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}

export interface DynamoPut extends Conditional {
  readonly TableName: string;
  readonly Item: Item;
}

export interface DynamoUpdate extends Conditional {
  readonly TableName: string;
  readonly Key: Item;
  readonly UpdateExpression: string;
}

export interface DynamoDelete extends Conditional {
  readonly TableName: string;
  readonly Key: Item;
}

export interface DynamoConditionCheck extends Conditional {
  readonly TableName: string;
  readonly Key: Item;
  readonly ConditionExpression: string;
}

export interface TransactWriteItem {
  readonly Put?: DynamoPut;
  readonly Update?: DynamoUpdate;
  readonly Delete?: DynamoDelete;
  readonly ConditionCheck?: DynamoConditionCheck;
}
