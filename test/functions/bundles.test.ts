import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bundle, type BundledModule, bundle, type Entry, writeBundle } from '../../shared/cellar/cdk/bundle.ts';
import { workerEntry } from '../../shared/cellar/cdk/entry-code.ts';
import { invoicePdf } from '../../shared/shop/invoice-pdf.ts';
import { sampleDraft, sampleLines, sampleOrder } from '../shop/sample-order.ts';
import { requires } from '../support/requires.ts';

const functionsFolder = fileURLToPath(new URL('../../functions/', import.meta.url));
const shopFolder = fileURLToPath(new URL('../../shared/shop/', import.meta.url));

function fileEntry(path: string): Entry {
  return { file: join(functionsFolder, path) };
}

/** As a deployment makes it: every file of the queue's folder. */
function queueEntry(queue: string): Entry {
  const folder = join(functionsFolder, 'workers', queue);
  const files = readdirSync(folder).filter((name) => name !== 'worker.ts');
  return workerEntry(
    join(functionsFolder, 'app.ts'),
    files.map((name) => join(folder, name)),
  );
}

const ENTRIES: Readonly<Record<string, Entry>> = {
  api: fileEntry('api/handler.ts'),
  'api of a demonstration': fileEntry('api/demo-handler.ts'),
  outbox: fileEntry('outbox/handler.ts'),
  seed: fileEntry('seed/handler.ts'),
  'emptying of buckets': fileEntry('empty-bucket/handler.ts'),
  'upload of pages': fileEntry('pages/upload.ts'),
  dashboard: fileEntry('dashboard/handler.ts'),
  invoices: queueEntry('invoices'),
  recommender: queueEntry('recommender'),
  reports: queueEntry('reports'),
  mail: queueEntry('mail'),
};

/** What they may load at their start, gzipped: the API and what stores and sends at most 60 KiB; composing mails takes more. */
const MOST_KIB: Readonly<Record<string, number>> = { mail: 90 };

function codeOf({ modules }: Bundle, isWanted: (module: BundledModule) => boolean = () => true): string {
  return [...modules.values()]
    .filter(isWanted)
    .map(({ code }) => code)
    .join('\n');
}

/** What belongs to one machine, or to people's processes. */
const STRANGERS = /node:sqlite|@aws-sdk|smithy|BEGIN IMMEDIATE|\.eml/;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundles-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(Object.entries(ENTRIES))('the function %s', (name, entry) => {
  let built: Bundle;
  beforeAll(() => {
    built = bundle(entry);
    writeBundle(built, join(folder, name));
  });

  it('has nothing in it that AWS has no use for', () => {
    expect(codeOf(built).match(STRANGERS)?.[0]).toBeUndefined();
  });

  it('loads little at its start', () => {
    const kib =
      gzipSync(
        codeOf(built, ({ isLoadedAtStart }) => isLoadedAtStart),
        { level: 9 },
      ).length / 1024;
    expect(kib).toBeLessThanOrEqual(MOST_KIB[name] ?? 60);
  });

  it('loads, and reads nothing of its environment before it is called', () => {
    const load = `const { handler } = await import(${JSON.stringify(join(folder, name, 'index.mjs'))}); process.stdout.write(typeof handler);`;
    const { PATH = '' } = process.env;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', load], { env: { PATH } });
    expect(said.toString()).toBe('function');
  });
});

describe('the first products', () => {
  it('are in the function that puts them into the table, and in no other', () => {
    const marker = 'WELCOME10';
    expect(codeOf(bundle(fileEntry('seed/handler.ts')))).toContain(marker);
    expect(codeOf(bundle(fileEntry('api/handler.ts')))).not.toContain(marker);
  });
});

describe('the API of production', () => {
  it('has no payment page', () => {
    const marker = 'played by the shop';
    expect(codeOf(bundle(fileEntry('api/demo-handler.ts')))).toContain(marker);
    expect(codeOf(bundle(fileEntry('api/handler.ts')))).not.toContain(marker);
  });
});

const withPdftotext = requires('pdftotext') ? describe : describe.skip;

withPdftotext('the invoice of a bundle', () => {
  function textOf(pdf: Uint8Array): string {
    const file = join(folder, 'invoice.pdf');
    writeFileSync(file, pdf);
    const { stdout, status } = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
    expect(status).toBe(0);
    return stdout;
  }

  it('says what the invoice of this machine says, in other scripts too', async () => {
    const code = "export { invoicePdf } from './invoice-pdf.ts';";
    writeBundle(bundle({ code, folder: shopFolder }), join(folder, 'pdf'));
    const bundled: { readonly invoicePdf: typeof invoicePdf } = await import(join(folder, 'pdf', 'index.mjs'));
    const customer = { ...sampleDraft().customer, lastName: 'Żółć', city: 'Αθήνα' };
    const order = sampleOrder({ customer, lines: sampleLines(5) });
    const text = textOf(await bundled.invoicePdf(order));
    expect(text).toContain('Żółć');
    expect(text).toContain('Αθήνα');
    expect(text).toBe(textOf(await invoicePdf(order)));
  });
});
