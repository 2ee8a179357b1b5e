import { loadWorld } from '../../deploy/simulated-model/load-world.ts'
import {
  type SimulatedModel,
  startSimulatedModel,
} from '../../deploy/simulated-model/start-simulated-model.ts'
import { runCli, type StartedCli, startCli } from './cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface RunRow {
  readonly traceId: string
  readonly agent: string
  readonly outcome: string
  readonly modelCalls: number
  readonly toolCalls: number
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly dialect: string | null
  readonly model: string | null
}

export interface ClientSystem {
  readonly grpcUrl: string
  readonly httpUrl: string
  /** Base URL of the simulated model, with `/v1`. */
  readonly modelUrl: string
  /** The run of a trace as `neosigma runs --json` lists it, once it has closed. */
  runOf(traceId: string): Promise<RunRow>
  /** `neosigma run TRACE_ID --json`: the whole run. */
  detailOf(traceId: string): Promise<string>
  close(): Promise<void>
}

const SEEN_MS = 60_000

/** `neosigma start` and the simulated model: what an agent of any language meets. */
export const startClientSystem = async (): Promise<ClientSystem> => {
  const { folder, remove } = temporaryFolder()
  const dataDir = `${folder}/data`
  const world = loadWorld('deploy/demo/worlds/support-desk.json')
  const [model, system]: [SimulatedModel, StartedCli] = await Promise.all([
    startSimulatedModel({ world, seed: 1 }),
    startCli({ dataDir, environment: { NEOSIGMA_RUN_QUIET_MS: '1000' } }),
  ])
  return {
    grpcUrl: `http://127.0.0.1:${system.grpcPort}`,
    httpUrl: `http://127.0.0.1:${system.httpPort}`,
    modelUrl: model.baseUrl,
    runOf: async (traceId) => {
      const untilMs = Date.now() + SEEN_MS
      for (;;) {
        const { stdout } = await runCli(['runs', '--json'], { dataDir })
        const row = (JSON.parse(stdout) as RunRow[]).find((run) => run.traceId === traceId)
        if (row !== undefined) return row
        if (Date.now() > untilMs) throw new Error(`run ${traceId} did not appear: ${stdout}`)
      }
    },
    detailOf: async (traceId) => (await runCli(['run', traceId, '--json'], { dataDir })).stdout,
    close: async () => {
      await system.end('SIGTERM')
      await model.close()
      remove()
    },
  }
}
