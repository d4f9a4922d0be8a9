/** A whole application in one stack: storage, messaging and workers. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { AppMessaging } from './app-messaging.ts';
import { AppStorage } from './app-storage.ts';
import { AppWorkers, type AppWorkersProps } from './app-workers.ts';
import { type Application, type ApplicationOptions, readApplication } from './application.ts';

export interface CellarAppProps extends Omit<AppWorkersProps, 'application' | 'removalPolicy'>, ApplicationOptions {
  /** `prod` keeps tables, queues, buckets and logs when the stack is deleted. @default 'dev' */
  readonly stage?: 'dev' | 'prod';
}

export class CellarApp extends Construct {
  readonly application: Application;
  readonly storage: AppStorage;
  readonly messaging: AppMessaging;
  readonly workers: AppWorkers;

  /**
   * Makes everything that an application needs on AWS:
   *
   * ```ts
   * const app = new App();
   * const stack = new Stack(app, 'wine-shop');
   * const appModule = new URL('../functions/app.ts', import.meta.url).href;
   * await CellarApp.create(stack, 'Cellar', { appModule, prefix: 'wine-shop-dev' });
   * ```
   * @throws CellarError `bad-topology` with everything that AWS cannot hold and every fault of the workers' folders
   */
  static async create(scope: Construct, id: string, props: CellarAppProps): Promise<CellarApp> {
    return new CellarApp(scope, id, { ...props, application: await readApplication(props) });
  }

  private constructor(scope: Construct, id: string, props: CellarAppProps & { readonly application: Application }) {
    super(scope, id);
    const { stage = 'dev', appModule: _, prefix, workers: __, application, ...rest } = props;
    const removalPolicy = stage === 'prod' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const alarms = rest.alarmTopic === undefined ? undefined : { alarmTopic: rest.alarmTopic };
    this.application = application;
    this.storage = new AppStorage(this, 'Storage', { prefix, removalPolicy });
    this.messaging = new AppMessaging(this, 'Messaging', { application, removalPolicy, ...alarms });
    this.workers = new AppWorkers(this, 'Workers', { ...rest, application, removalPolicy });
    this.workers.node.addDependency(this.storage, this.messaging);
  }
}
