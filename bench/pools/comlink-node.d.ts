declare module 'comlink/dist/esm/node-adapter.mjs' {
  export default function nodeEndpoint(
    worker: import('node:worker_threads').Worker,
  ): import('comlink').Endpoint;
}
