/** Templates read for what they intend: resources of a type, with their properties. */
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  /** Everything that CloudFormation is told, untyped. */
  // biome-ignore lint/suspicious/noExplicitAny: a template has no types
  readonly properties: Readonly<Record<string, any>>;
  readonly deletionPolicy: string | undefined;
}

/** An app that bundles nothing: a folder of sources stands for each bundle. */
export function appWithoutBundles(context: Readonly<Record<string, unknown>> = {}): App {
  return new App({ context: { 'aws:cdk:bundling-stacks': [], ...context } });
}

/** The resources of one type, or of all, in the stacks. */
export function resourcesOf(stacks: readonly Stack[], type?: string): readonly Resource[] {
  return stacks.flatMap((stack) =>
    Object.entries<Record<string, never>>(Template.fromStack(stack).toJSON()['Resources'] ?? {})
      .map(([logicalId, resource]) => ({
        logicalId,
        type: String(resource['Type']),
        properties: resource['Properties'] ?? {},
        deletionPolicy: resource['DeletionPolicy'],
      }))
      .filter((resource) => type === undefined || resource.type === type),
  );
}

/** A value with references and joins written out: `{ Ref: X }` as `<X>`, `{ 'Fn::GetAtt': [X, A] }` as `<X.A>`. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  const intrinsic = value as Readonly<Record<string, unknown>>;
  if ('Ref' in intrinsic) return `<${intrinsic['Ref']}>`;
  if ('Fn::GetAtt' in intrinsic) return `<${(intrinsic['Fn::GetAtt'] as string[]).join('.')}>`;
  const [separator, parts] = (intrinsic['Fn::Join'] ?? []) as [string?, unknown[]?];
  return parts === undefined ? JSON.stringify(value) : parts.map(textOf).join(separator);
}

export interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** What the roles of the stacks may do. */
export function roleStatements(stacks: readonly Stack[]): readonly Statement[] {
  const policies = resourcesOf(stacks).flatMap(({ type, properties }) => {
    if (type === 'AWS::IAM::Policy' || type === 'AWS::IAM::ManagedPolicy') return [properties['PolicyDocument']];
    if (type !== 'AWS::IAM::Role') return [];
    return (properties['Policies'] ?? []).map((policy: { PolicyDocument: unknown }) => policy.PolicyDocument);
  });
  return policies.flatMap(({ Statement }) =>
    Statement.map((statement: { Action: unknown; Resource: unknown }) => ({
      actions: [statement.Action].flat().map(textOf),
      resources: [statement.Resource].flat().map(textOf),
    })),
  );
}
