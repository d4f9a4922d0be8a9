import type { Preparer } from 'cellar/lambda';
import type { FileStore } from '../../shared/shop/file-store.ts';
import { openS3Files } from '../../shared/shop/file-stores/s3.ts';
import { placesOnAws, type ShopSettings } from '../shop-settings.ts';
import { awsCalls } from './aws-calls.ts';

/** Opens the bucket of invoices and reports. */
export async function openFiles(cellar: Preparer, settings: ShopSettings): Promise<FileStore> {
  return openS3Files({ calls: awsCalls(cellar), bucket: placesOnAws(settings).filesBucket });
}
