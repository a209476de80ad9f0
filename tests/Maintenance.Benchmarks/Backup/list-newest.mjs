// Lists a container with Azure's own SDK for Node and finds the newest name, once for each line on standard input.
// Arguments: folder that holds node_modules, container, prefix. The connection string is in the environment.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [folder, container, prefix] = process.argv.slice(2);
const { ContainerClient } = createRequire(`${folder}/`)('@azure/storage-blob');
const client = new ContainerClient(process.env.AZURE_STORAGE_CONNECTION_STRING, container);

for await (const _ of createInterface({ input: process.stdin })) {
  const started = process.hrtime.bigint();
  let newest = '';
  let requests = 0;
  for await (const page of client.listBlobsFlat({ prefix }).byPage({ maxPageSize: 5000 })) {
    requests++;
    for (const blob of page.segment.blobItems) {
      if (blob.name > newest) {
        newest = blob.name;
      }
    }
  }
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  console.log(JSON.stringify({ newest, requests, milliseconds }));
}
