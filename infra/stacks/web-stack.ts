/** The shop's pages: a private bucket behind CloudFront, which takes `/api/*` to the API, so that all is one origin. */
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { webFiles } from '../../web/files.ts';
import { CONTENT_SECURITY_POLICY } from '../../web/page-headers.ts';
import { acknowledge } from '../acknowledge.ts';
import { DeployStep } from '../deploy-step.ts';
import type { Deployment } from '../deployment.ts';
import { EmptiedBuckets } from '../emptied-buckets.ts';
import type { HttpEndpoint } from '../http-endpoint.ts';
import { bucketName, shopNames } from '../shop-names.ts';

export interface WebStackProps {
  readonly deployment: Deployment;
  /** Where the API answers. */
  readonly api: HttpEndpoint;
}

export class WebStack extends Stack {
  constructor(scope: Construct, id: string, props: WebStackProps) {
    super(scope, id);
    const { prefix } = props.deployment;
    const distribution = new Distribution(this, 'Distribution', {
      comment: shopNames.function(prefix, 'web'),
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultRootObject: 'index.html',
      defaultBehavior: {
        // Bucket and IBucket differ in optional properties that may be undefined, which this compiler tells apart.
        origin: S3BucketOrigin.withOriginAccessControl(this.#pages(props.deployment) as IBucket),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: this.#pageCache(prefix),
        responseHeadersPolicy: this.#pageHeaders(prefix),
        compress: true,
      },
      additionalBehaviors: apiBehaviors(props),
    });
    acknowledge(distribution, NOT_APPLIED);
    new CfnOutput(this, 'WebUrl', { value: `https://${distribution.distributionDomainName}/` });
  }

  /** The bucket, and what puts the pages into it: again each time that one has changed. */
  #pages(deployment: Deployment): Bucket {
    const { prefix, removalPolicy } = deployment;
    const name = bucketName(this, prefix, 'pages');
    const bucket = new Bucket(this, 'Pages', {
      bucketName: name,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      removalPolicy,
    });
    const emptied = new EmptiedBuckets(this, 'Emptied', { deployment, stack: 'web', buckets: ['pages'] });
    emptied.node.addDependency(bucket);
    acknowledge(bucket, { 'AwsSolutions-S1': 'it holds the published pages, which only CloudFront reads' });
    const objects = this.formatArn({ service: 's3', region: '', account: '', resource: `${name}/*` });
    new DeployStep(this, 'Upload', {
      functionName: shopNames.function(prefix, 'upload-pages'),
      description: "Puts the shop's pages into their bucket, at each deployment that changes one",
      file: 'pages/upload.ts',
      permissions: [new PolicyStatement({ actions: ['s3:PutObject'], resources: [objects] })],
      resourceType: 'Custom::UploadedPages',
      properties: { bucket: bucket.bucketName },
      worksFrom: webFiles({ isLocal: false }),
      removalPolicy,
    });
    return bucket;
  }

  /** A deployment is seen a minute later. */
  #pageCache(prefix: string): CachePolicy {
    return new CachePolicy(this, 'Cache', {
      cachePolicyName: shopNames.function(prefix, 'pages'),
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.minutes(1),
      maxTtl: Duration.minutes(1),
      enableAcceptEncodingBrotli: true,
      enableAcceptEncodingGzip: true,
    });
  }

  #pageHeaders(prefix: string): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'Headers', {
      responseHeadersPolicyName: shopNames.function(prefix, 'pages'),
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: CONTENT_SECURITY_POLICY, override: true },
        contentTypeOptions: { override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.SAME_ORIGIN, override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: true, override: true },
      },
    });
  }
}

/** The API's paths; in dev also that of the payment provider which it plays. */
function apiBehaviors({ deployment, api }: WebStackProps): Record<string, BehaviorOptions> {
  const behavior: BehaviorOptions = {
    origin: new HttpOrigin(api.hostName),
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    allowedMethods: AllowedMethods.ALLOW_ALL,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
  };
  const paths = ['/api/*', ...(deployment.stage === 'dev' ? ['/pay/*'] : [])];
  return Object.fromEntries(paths.map((path) => [path, behavior]));
}

const NOT_APPLIED = {
  'AwsSolutions-CFR1': 'the shop sells to every country',
  'AwsSolutions-CFR2': 'the API is throttled; a web application firewall would cost more than the whole shop when idle',
  'AwsSolutions-CFR3': 'the API has an access log, and the pages say nothing of who reads them',
  'AwsSolutions-CFR4':
    "CloudFront's own certificate fixes the policy; with a domain of your own, set its certificate and TLSv1.2_2021",
};
