import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type HealthServer,
  openHealthServer,
} from '../../../pipeline/service-runtime/health-server.ts'
import { openMetrics } from '../../../pipeline/service-runtime/metrics.ts'

const open = async (reasons: string[] = []): Promise<HealthServer> => {
  const metrics = openMetrics()
  metrics.count('neosigma.test.records')
  const server = await openHealthServer({
    ...{ host: '127.0.0.1', port: 0, variable: 'NEOSIGMA_HEALTH_PORT', metrics },
    notReady: () => reasons,
  })
  onTestFinished(async () => {
    await server.stop(0)
    await metrics.close()
  })
  return server
}

const get = async ({ port }: HealthServer, path: string) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  return { status: response.status, text: await response.text() }
}

describe('the health of a process', () => {
  test('it is ready when nothing is in the way, and says what is', async () => {
    const reasons = ['the store is being migrated', 'the log is not open']
    const server = await open(reasons)
    const waiting = await get(server, '/readyz')
    expect(waiting.status).toBe(503)
    expect(JSON.parse(waiting.text)).toEqual({ status: 'not ready', reasons })
    reasons.length = 0
    expect((await get(server, '/readyz?verbose')).status).toBe(200)
  })

  test('it is alive and shows its metrics, ready or not', async () => {
    const server = await open(['starting'])
    expect((await get(server, '/healthz')).status).toBe(200)
    expect((await get(server, '/metrics')).text).toContain('neosigma_test_records_total')
  })

  test('everything else is for its handler, which may come and go', async () => {
    const server = await open()
    expect(await get(server, '/v1/runs')).toMatchObject({
      status: 503,
      text: expect.stringContaining('not-ready'),
    })
    server.serve((request, response) => response.end(`here is ${request.url}`))
    expect(await get(server, '/v1/runs')).toEqual({ status: 200, text: 'here is /v1/runs' })
    expect((await get(server, '/healthz')).text).toContain('alive')
    server.serve(null)
    expect((await get(server, '/v1/runs')).status).toBe(503)
  })

  test('it stops when answers are done, and does not wait for those that never end', async () => {
    const patient = await open()
    patient.serve(async (_, response) => {
      await pause(50)
      response.end('done')
    })
    const answer = get(patient, '/')
    await pause(20)
    await patient.stop(60_000)
    expect((await answer).text).toBe('done')

    const hanging = await open()
    const asked = Promise.withResolvers<void>()
    hanging.serve(() => asked.resolve())
    const never = expect(get(hanging, '/')).rejects.toThrow()
    await asked.promise
    await hanging.stop(1)
    await never
  })
})
