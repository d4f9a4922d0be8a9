import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

export interface AlarmSpec {
  readonly description: string;
  readonly metric: IMetric;
  /** It alarms above this value, in one period. */
  readonly above: number;
  /** Whom it tells, also when it is over. */
  readonly alarmTopic: ITopic | undefined;
}

/** An alarm on one metric; no data is no alarm, because idle queues and functions report none. */
export function alarmOn(scope: Construct, id: string, { description, metric, above, alarmTopic }: AlarmSpec): Alarm {
  const alarm = new Alarm(scope, id, {
    alarmDescription: description,
    metric,
    threshold: above,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  if (alarmTopic === undefined) return alarm;
  alarm.addAlarmAction(new SnsAction(alarmTopic));
  alarm.addOkAction(new SnsAction(alarmTopic));
  return alarm;
}
