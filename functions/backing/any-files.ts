/** Where workers keep what they write: the one place where it is chosen. */
import type { Preparer } from 'cellar/lambda';
import type { FileStore } from '../../shared/shop/file-store.ts';
import { openDiskFiles } from '../../shared/shop/file-stores/disk.ts';
import type { ShopSettings } from '../shop-settings.ts';

/** Opens a bucket on AWS, else the data folder. */
export async function openFiles(cellar: Preparer, settings: ShopSettings): Promise<FileStore> {
  if (settings.aws !== undefined) return (await import('./s3-files.ts')).openFiles(cellar, settings);
  return openDiskFiles(settings.filesFolder);
}
