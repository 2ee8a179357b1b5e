import { startApi } from '../../controller/api/main.ts'
import { openTestContext, type TestContext, type TestContextOptions } from './open-test-context.ts'

export interface TestApi {
  readonly context: TestContext
  readonly url: string
  /** Status and body of an answer, JSON where it is. */
  ask(
    path: string,
    init?: RequestInit,
  ): Promise<{ readonly status: number; readonly body: unknown }>
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: unknown }>
  close(): Promise<void>
}

/** The API on the embedded engines, on a port of its own. */
export const openApi = async (options: TestContextOptions = {}): Promise<TestApi> => {
  const context = await openTestContext({
    ...options,
    configuration: { ...options.configuration, api: { port: 0 } },
  })
  const role = await startApi(context)
  const url = `http://127.0.0.1:${role.port}`
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init)
    const text = await response.text()
    return { status: response.status, body: parsed(text) }
  }
  return {
    context,
    url,
    ask,
    post: (path, body) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    close: async () => {
      await role.stop()
      await context.close()
    },
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
