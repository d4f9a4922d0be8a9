/** An HTTP API of API Gateway: throttled, with an access log. */
import type { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { CorsHttpMethod, HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

export interface HttpEndpointProps {
  readonly apiName: string;
  /** Path → the function that answers every method of it, such as `/api/{proxy+}`. */
  readonly routes: Readonly<Record<string, IFunction>>;
  /** Requests a second, over which it answers 429; twice as many at once. */
  readonly requestsPerSecond: number;
  /** Another site's origin whose pages may call it, such as `https://shop.example.com`. @default none */
  readonly allowedOrigin?: string;
  /** Who is let in, where API Gateway does not check it itself. */
  readonly authorization: string;
  readonly removalPolicy: RemovalPolicy;
}

/** What API Gateway writes of each request (its guide, "Customize HTTP API access logs"); no body, no header. */
const LOG_LINE = JSON.stringify({
  time: '$context.requestTime',
  request: '$context.requestId',
  from: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  bytes: '$context.responseLength',
  ms: '$context.responseLatency',
  error: '$context.integrationErrorMessage',
});

export class HttpEndpoint extends Construct {
  /** Ends with `/`. */
  readonly url: string;
  /** `ab12cd34.execute-api.eu-central-1.amazonaws.com` */
  readonly hostName: string;

  constructor(scope: Construct, id: string, props: HttpEndpointProps) {
    super(scope, id);
    const { apiName, allowedOrigin } = props;
    const api = new HttpApi(this, 'Api', {
      apiName,
      createDefaultStage: false,
      ...(allowedOrigin === undefined ? undefined : { corsPreflight: corsFor(allowedOrigin) }),
    });
    for (const [path, target] of Object.entries(props.routes)) {
      const integration = new HttpLambdaIntegration(`To${path}`, target);
      const [route] = api.addRoutes({ path, methods: [HttpMethod.ANY], integration });
      if (route !== undefined) acknowledge(route, { 'AwsSolutions-APIG4': props.authorization });
    }
    this.url = this.#stage(api, props).url;
    this.hostName = `${api.apiId}.execute-api.${api.stack.region}.${api.stack.urlSuffix}`;
  }

  #stage(httpApi: HttpApi, { apiName, requestsPerSecond, removalPolicy }: HttpEndpointProps): HttpStage {
    const log = new LogGroup(this, 'AccessLog', {
      logGroupName: `/aws/vendedlogs/${apiName}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy,
    });
    return new HttpStage(this, 'Stage', {
      httpApi,
      autoDeploy: true,
      throttle: { rateLimit: requestsPerSecond, burstLimit: 2 * requestsPerSecond },
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(LOG_LINE),
      },
    });
  }
}

function corsFor(origin: string) {
  return {
    allowOrigins: [origin],
    allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST],
    allowHeaders: ['content-type', 'idempotency-key', 'authorization'],
  };
}
