// Does what the guide asks of the Azure CLI, without its start: 'list' prints the newest of the first 5,000 names, as
// 'az storage blob list' without --num-results sees them; 'upload FILE NAME' uploads a log.
import { BlobServiceClient } from '@azure/storage-blob';

const service = BlobServiceClient.fromConnectionString(process.env.AZURE_STORAGE_CONNECTION_STRING);
const [command, file, name] = process.argv.slice(2);
if (command === 'list') {
    const pages = service.getContainerClient(process.env.BACKUP_CONTAINER)
        .listBlobsFlat({ prefix: 'database-backups/' }).byPage({ maxPageSize: 5000 });
    const since = Date.now() - 24 * 3600 * 1000;
    const page = (await pages.next()).value;
    const fresh = page.segment.blobItems.filter(blob => blob.properties.createdOn >= since);
    console.log(fresh.sort((a, b) => b.properties.createdOn - a.properties.createdOn)[0]?.name ?? '');
} else {
    const container = service.getContainerClient('maintenance-logs');
    await container.createIfNotExists();
    await container.getBlockBlobClient(name).uploadFile(file);
}
