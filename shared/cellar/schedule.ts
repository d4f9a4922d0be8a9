/** A rule that says when a periodic task is due. Plain data, so that it can be read at deploy time; made by `every`, `crontab` and `at`. */
export type Schedule =
  | { readonly kind: 'every'; readonly periodMs: number }
  | {
      readonly kind: 'crontab';
      readonly minute: string;
      readonly hour: string;
      readonly dayOfWeek: string;
      readonly dayOfMonth: string;
      readonly monthOfYear: string;
      readonly timeZone: string;
    }
  | { readonly kind: 'at'; readonly atMs: number };
