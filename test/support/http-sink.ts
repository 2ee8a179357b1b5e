import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface HttpSink {
  readonly url: string
  /** What was posted to the path, in order, inflated. */
  bodies(path: string): readonly Buffer[]
  close(): Promise<void>
}

/** A server of loopback that takes everything. */
export const openHttpSink = async (): Promise<HttpSink> => {
  const taken: { readonly path: string; readonly body: Buffer }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const isPacked = request.headers['content-encoding'] === 'gzip'
    taken.push({ path: request.url ?? '', body: isPacked ? gunzipSync(body) : body })
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    bodies: (path) => taken.filter((one) => one.path === path).map(({ body }) => body),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
